"""Client certificates: how a proxy passes one on, whether it is good, and what it says (RFC 5280, RFC 9440)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DNSName,
    ExtendedKeyUsage,
    ExtensionNotFound,
    InvalidVersion,
    RFC822Name,
    SubjectAlternativeName,
    UniformResourceIdentifier,
    load_der_x509_certificate,
    load_pem_x509_certificate,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

LONGEST = 16 * 1024
"""Characters of a header that holds a certificate."""

PEM = b"-----BEGIN CERTIFICATE-----"
FOR_CLIENTS = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
_UNREADABLE = (ValueError, UnsupportedAlgorithm, InvalidVersion)


class BadCertificate(Exception):
    """It can't be read, or is not good. Its text says why, without any part of it."""


def read_certificate(value: str) -> Certificate:
    """A certificate as proxies pass it on: `:base64 of DER:` (RFC 9440), percent-encoded PEM (nginx), or base64 of DER alone.

    Raises `BadCertificate`.
    """
    if len(value) > LONGEST:
        raise BadCertificate("too long")
    try:
        text = unquote_to_bytes(value) if "%" in value else value.encode("ascii")
        if text.startswith(PEM):
            return load_pem_x509_certificate(text)
        if text.startswith(b":") and text.endswith(b":"):
            text = text[1:-1]
        return load_der_x509_certificate(b64decode(text, validate=True))
    except _UNREADABLE:
        raise BadCertificate("unreadable") from None


class Authorities:
    """Who may have issued a certificate. Whether one was taken back since, nobody is asked."""

    def __init__(self, trusted: Sequence[Certificate]) -> None:
        self._store = Store(list(trusted))
        issuers = ExtensionPolicy.permit_all().require_present(BasicConstraints, Criticality.AGNOSTIC, _check_authority)
        self._policy = PolicyBuilder().store(self._store).extension_policies(ca_policy=issuers, ee_policy=ExtensionPolicy.permit_all())

    def check(self, certificate: Certificate, now: datetime) -> None:
        """Raises `BadCertificate` for one that nobody of them issued, is not for clients, or not good now."""
        try:
            self._policy.time(now.replace(tzinfo=None)).build_client_verifier().verify(certificate, [])
            usage = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
        except ExtensionNotFound:
            return
        except (VerificationError, *_UNREADABLE):
            raise BadCertificate("not issued by an authority that is trusted, or not good now") from None
        if FOR_CLIENTS.isdisjoint(usage):
            raise BadCertificate("not for clients")


def claims_of(certificate: Certificate) -> dict[str, Any]:
    """What `claims:` sees: `sub` and `subject` are the subject as RFC 4514 writes it."""
    subject = certificate.subject.rfc4514_string()
    common_names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except (ExtensionNotFound, *_UNREADABLE):
        names = SubjectAlternativeName([])
    return {
        "sub": subject,
        "subject": subject,
        "common_name": str(common_names[0].value) if len(common_names) == 1 else None,
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "fingerprint": certificate.fingerprint(SHA256()).hex(),
        "dns": names.get_values_for_type(DNSName),
        "email": names.get_values_for_type(RFC822Name),
        "uri": names.get_values_for_type(UniformResourceIdentifier),
    }


def _check_authority(policy: object, certificate: Certificate, constraints: BasicConstraints) -> None:
    """Called for each issuer; an error is what refuses it."""
    del policy, certificate
    if not constraints.ca:
        raise ValueError("no authority")
