"""Keys from files: PEM (a public key or a certificate), a JWK, a set of them, or a shared secret as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from gateway.policies.jws import NotJws, base64url
from gateway.policies.plain_json import NotPlain, plain_object
from gateway.policies.signing_keys import SYMMETRIC, SigningKey, UnusableKey, bound, public_key, shared_secret

MOST_BYTES = 256 * 1024
_PEM = b"-----BEGIN "


def read_keys(path: FilePath, accepted: Sequence[str]) -> Iterator[SigningKey]:
    """The keys of one file. Raises `UnusableKey`: a file that someone wrote down holds nothing to be passed over."""
    content = _content(path)
    if _PEM in content:
        yield bound(_public(content), accepted)
    elif content.lstrip()[:1] == b"{":
        yield from _jwks(content, accepted)
    elif SYMMETRIC.isdisjoint(accepted):
        raise UnusableKey("it is neither PEM nor a JWK")
    else:
        yield shared_secret(content.removesuffix(b"\n").removesuffix(b"\r"), accepted)


def _content(path: FilePath) -> bytes:
    try:
        if not path.is_file():
            raise UnusableKey("there is no such file")
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as fault:
        raise UnusableKey(f"it can't be read ({fault.strerror})") from None
    if len(content) > MOST_BYTES:
        raise UnusableKey("it is too large to be a key")
    return content


def _public(pem: bytes) -> Key:
    if b"PRIVATE KEY" in pem:
        raise UnusableKey("it is a private key; the public one is enough")
    try:
        key = load_pem_x509_certificate(pem).public_key() if b"BEGIN CERTIFICATE" in pem else load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey("it is neither a public key nor a certificate") from None
    if isinstance(key, RSAPublicKey):
        return RSAKey(key, key)
    if isinstance(key, EllipticCurvePublicKey):
        return ECKey(key, key)
    if isinstance(key, Ed25519PublicKey | Ed448PublicKey):
        return OKPKey(key, key)
    raise UnusableKey("it is no key for signatures")


def _jwks(content: bytes, accepted: Sequence[str]) -> Iterator[SigningKey]:
    try:
        document = plain_object(content)
    except NotPlain as fault:
        raise UnusableKey(str(fault)) from None
    listed = document.get("keys", [document])
    if not isinstance(listed, list) or not listed:
        raise UnusableKey("its `keys` are no list of keys")
    for jwk in listed:
        yield _secret(jwk, accepted) if isinstance(jwk, dict) and jwk.get("kty") == "oct" else public_key(jwk, accepted)


def _secret(jwk: dict[str, Any], accepted: Sequence[str]) -> SigningKey:
    try:
        secret = base64url(jwk["k"]) if isinstance(jwk.get("k"), str) else b""
    except NotJws:
        raise UnusableKey("its members can't be read") from None
    return shared_secret(secret, accepted, key_id=jwk.get("kid"), only=jwk.get("alg"))
