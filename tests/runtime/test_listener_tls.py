"""Which files make a listener's certificate, and which of them is at fault."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from gateway.runtime.listener_tls import ListenerFiles, UnusableTls, listener_context
from tests.net.certificates import Authority


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority = Authority(tmp_path)
    for name in ("one", "other"):
        authority.issue(name, tmp_path / f"{name}.pem")
    locked = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a password")
    )
    (tmp_path / "locked.pem").write_bytes(locked)
    (tmp_path / "text.pem").write_text("no certificate")
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    return tmp_path


def test_a_pair_makes_a_context(folder: Path) -> None:
    context = listener_context(ListenerFiles(folder / "one.pem", folder / "one.pem"))
    assert (context.minimum_version, context.verify_mode) == (ssl.TLSVersion.TLSv1_2, ssl.CERT_NONE)


def test_clients_are_asked_where_authorities_are_named(folder: Path) -> None:
    context = listener_context(ListenerFiles(folder / "one.pem", folder / "one.pem", folder / "ca.pem"))
    assert context.verify_mode == ssl.CERT_OPTIONAL
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("cert", "key", "client_ca", "at_fault"),
    [
        ("absent.pem", "one.pem", "ca.pem", "cert"),
        ("text.pem", "one.pem", "ca.pem", "cert"),
        ("broken.pem", "one.pem", "ca.pem", "cert"),
        ("", "one.pem", "ca.pem", "cert"),
        ("one.pem", "absent.pem", "ca.pem", "key"),
        ("one.pem", "ca.pem", "ca.pem", "key"),
        ("one.pem", "locked.pem", "ca.pem", "key"),
        ("one.pem", "other.pem", "ca.pem", "key"),
        ("one.pem", "one.pem", "absent.pem", "client_ca"),
        ("one.pem", "one.pem", "text.pem", "client_ca"),
    ],
)
def test_the_file_at_fault_is_told(folder: Path, cert: str, key: str, client_ca: str, at_fault: str) -> None:
    with pytest.raises(UnusableTls) as caught:
        listener_context(ListenerFiles(folder / cert, folder / key, folder / client_ca))
    assert caught.value.member == at_fault
    assert str(folder) not in f"{caught.value} {caught.value.hint}"
