"""Keys from files: what is taken, and what is refused with its reason."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.policies.key_files import MOST_BYTES, read_keys
from gateway.policies.signing_keys import UnusableKey
from tests.policies.tokens import NOON, b64, ec, okp, published, rsa

ASYMMETRIC = ["RS256", "ES256", "EdDSA"]


def pem(key: Any) -> bytes:
    made: bytes = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return made


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    builder = x509.CertificateBuilder(name, name, rsa().public_key, 1, NOON, NOON + timedelta(days=1))
    private = rsa().private_key
    assert private is not None
    return builder.sign(private, SHA256()).public_bytes(Encoding.PEM)


def private_pem() -> bytes:
    private = rsa().private_key
    assert private is not None
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "key"


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        pytest.param(pem(rsa()), [None], id="RSA"),
        pytest.param(pem(ec()), [None], id="EC"),
        pytest.param(pem(okp()), [None], id="OKP"),
        pytest.param(b"Issuer's key\n" + pem(rsa()), [None], id="with a comment"),
        pytest.param(certificate(), [None], id="certificate"),
        pytest.param(msgspec.json.encode(published(rsa())["keys"][0]), ["one"], id="JWK"),
        pytest.param(b"\n" + msgspec.json.encode(published(rsa(), ec("two"))), ["one", "two"], id="set"),
    ],
)
def test_public_keys(file: Path, content: bytes, ids: list[str | None]) -> None:
    file.write_bytes(content)
    assert [key.id for key in read_keys(file, ASYMMETRIC)] == ids


@pytest.mark.parametrize(
    "content", [b"s" * 32, b"s" * 32 + b"\n", b"s" * 32 + b"\r\n", msgspec.json.encode({"kty": "oct", "k": b64(b"s" * 32), "kid": "k"})]
)
def test_shared_secrets(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    (key,) = read_keys(file, ["HS256"])
    assert key.key.raw_value == b"s" * 32


@pytest.mark.parametrize(
    ("content", "accepted", "told"),
    [
        (b"", ASYMMETRIC, "neither PEM nor a JWK"),
        (b"s" * 32, ASYMMETRIC, "neither PEM nor a JWK"),
        (private_pem(), ASYMMETRIC, "private"),
        (msgspec.json.encode(rsa().as_dict(private=True)), ASYMMETRIC, "private"),
        (pem(rsa()), ["ES256"], "none of the algorithms"),
        (pem(rsa()), ["HS256"], "none of the algorithms"),
        (pem(rsa())[:80], ASYMMETRIC, "neither a public key"),
        (certificate()[:200], ASYMMETRIC, "neither a public key"),
        (b"{", ASYMMETRIC, "valid JSON"),
        (b'{"keys":[]}', ASYMMETRIC, "no list"),
        (b'{"keys":{}}', ASYMMETRIC, "no list"),
        (b'{"keys":[7]}', ASYMMETRIC, "no public key"),
        (b'{"kty":"oct","k":"c2hvcnQ"}', ["HS256"], "shorter"),
        (b'{"kty":"oct","k":7}', ["HS256"], "shorter"),
        (b'{"kty":"oct","k":"a b"}', ["HS256"], "can't be read"),
        (b'{"kty":"oct","k":"%s"}' % b64(b"s" * 32).encode(), ASYMMETRIC, "none of the algorithms"),
        (b"short", ["HS256"], "shorter"),
        (b"", ["HS256"], "shorter"),
        (b"s" * (MOST_BYTES + 1), ["HS256"], "too large"),
    ],
    ids=[*map(str, range(19))],  # the keys are made anew each time
)
def test_what_cannot_be_used(file: Path, content: bytes, accepted: list[str], told: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UnusableKey, match=told):
        list(read_keys(file, accepted))


def test_another_kind_of_key(file: Path) -> None:
    file.write_bytes(dsa.generate_private_key(1024).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(UnusableKey, match="for signatures"):
        list(read_keys(file, ASYMMETRIC))


def test_files_that_are_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent", tmp_path / ("a" * 300)):
        with pytest.raises((UnusableKey, OSError)) as caught:
            list(read_keys(path, ASYMMETRIC))
        assert isinstance(caught.value, UnusableKey)
