"""Authorities and the certificates that they issue, for tests of client certificates."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.policies.tokens import NOON

CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER = ExtendedKeyUsageOID.SERVER_AUTH


@cache
def key_of(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    subject: str,
    issuer: str,
    *,
    authority: bool = False,
    usage: Iterable[Any] | None = (CLIENT,),
    begins: datetime = NOON - timedelta(days=1),
    ends: datetime = NOON + timedelta(days=1),
    signed_by: str | None = None,
    names: Iterable[x509.GeneralName] = (),
) -> x509.Certificate:
    """A certificate of `subject` by `issuer` (as RFC 4514 writes them); `signed_by` tells whose key really signed it."""
    builder = x509.CertificateBuilder(
        x509.Name.from_rfc4514_string(issuer), x509.Name.from_rfc4514_string(subject), key_of(subject).public_key(), 4711, begins, ends
    ).add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    if usage is not None and not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key_of(signed_by or issuer), SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def der(each: x509.Certificate) -> str:
    return b64encode(each.public_bytes(Encoding.DER)).decode()


def escaped(each: x509.Certificate) -> str:
    """As nginx writes `$ssl_client_escaped_cert`."""
    return quote(pem(each).decode())
