"""The certificate of the public listener (`server.tls`): whether its files belong together, and the context that they make."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates

MOST_BYTES = 1 << 20
Member = Literal["cert", "key", "client_ca"]
Read = TypeVar("Read")

_UNREADABLE = (OSError, ValueError, TypeError, UnsupportedAlgorithm)


class UnusableTls(Exception):
    """A file that can't be used, and which one; the text holds nothing of what is in it."""

    def __init__(self, member: Member, message: str, hint: str) -> None:
        super().__init__(message)
        self.member = member
        self.hint = hint


class ListenerFiles(msgspec.Struct, frozen=True):
    """Where the certificate, its key and the authorities of clients lie."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of them."""
        return (self.cert, self.key) if self.client_ca is None else (self.cert, self.key, self.client_ca)


def listener_context(files: ListenerFiles) -> ssl.SSLContext:
    """A context for TLS 1.2 and 1.3, HTTP/1.1, and Python's choice of ciphers. Clients are asked for a certificate where `client_ca`
    says whose are accepted; who has none may go on without. Raises `UnusableTls`."""
    _check(files)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(files.cert, files.key, password="")
    except (ssl.SSLError, OSError):
        raise UnusableTls("cert", "this certificate and its key can't be served", "name another pair") from None
    if files.client_ca is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        try:
            context.load_verify_locations(files.client_ca)
        except (ssl.SSLError, OSError):
            raise _no_authorities() from None
    return context


def _check(files: ListenerFiles) -> None:
    """What OpenSSL would tell of in one word for all files."""
    chain = _read(files.cert, load_pem_x509_certificates)
    if not chain:
        raise UnusableTls("cert", "this is no file with certificates (PEM)", "name the file with the certificate and those between")
    key = _read(files.key, lambda text: load_pem_private_key(text, None))
    if key is None:
        raise UnusableTls("key", "this is no file with a private key (PEM, without a password)", "name the file with the key")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != chain[0].public_key().public_bytes(*form):
        raise UnusableTls("key", "this key is not the one of the certificate", "name the key of the first certificate in `cert`")
    if files.client_ca is not None and not _read(files.client_ca, load_pem_x509_certificates):
        raise _no_authorities()


def _no_authorities() -> UnusableTls:
    return UnusableTls("client_ca", "this is no file with certificates (PEM)", "name the file of the authorities")


def _read(path: Path, load: Callable[[bytes], Read]) -> Read | None:
    try:
        with path.open("rb") as stream:
            return load(stream.read(MOST_BYTES))
    except _UNREADABLE:
        return None
