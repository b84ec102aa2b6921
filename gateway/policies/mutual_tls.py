"""Identity `mutual_tls`: callers with a client certificate (RFC 8705), shown to the gateway itself where `server.tls` has a `client_ca`,
or passed on in a header by a trusted proxy (RFC 9440).

Who ends the TLS connection must have seen that the caller holds the certificate's key: a header that comes by another way than
through one of `server.trusted_proxies` is refused, and the certificate of a proxy's own connection is nobody's.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated

import msgspec
from cryptography.x509 import Certificate, Name, load_pem_x509_certificates

from gateway.policies.api_key import HEADER_NAME
from gateway.policies.bearer import digest_of
from gateway.policies.claims import ClaimMapping, Claims
from gateway.policies.client_certificate import Authorities, BadCertificate, claims_of, read_certificate
from gateway.policies.configured_user import TenantName, tenant_usable
from gateway.policies.token_cache import TokenCache, Verified
from gateway.sdk import CONNECTION, Caller, Component, Exchange, Model, Secret, Services, Unauthorized, described, form

MOST_BYTES = 1 << 20


class MutualTls(Model, frozen=True, kw_only=True):
    """Client certificates (RFC 8705)."""

    ca: Annotated[Secret, described("File with the authorities whose certificates are accepted (PEM).")]
    header: Annotated[
        Annotated[str, msgspec.Meta(pattern=HEADER_NAME), form("a header's name, without `_`")] | None,
        described("Header in which a trusted proxy passes the certificate on; without it the gateway's own connections are what counts."),
    ] = None
    subjects: Annotated[list[str], described("Subjects that are accepted, as `CN=shop,O=Partner` (RFC 4514); any where empty.")] = []
    claims: Claims = {}
    tenant: TenantName = None


class Certificates:
    """Knows the holders of certificates."""

    challenge = ""

    def __init__(
        self, header: str, authorities: Authorities | None, *, subjects: frozenset[str], mapping: ClaimMapping, tenant: str | None
    ) -> None:
        self._header = header.lower()  # "" is no header's name
        self._authorities = authorities
        self._subjects = subjects
        self._mapping = mapping
        self._tenant = tenant
        self._verified = TokenCache()
        self.reads = frozenset({CONNECTION, self._header} - {""})

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        """Raises `Unauthorized` for a certificate that isn't good, and for one in a header that no trusted proxy passed on."""
        value = exchange.headers.get(self._header)
        if value is not None and not exchange.via_proxy:
            raise _invalid("not passed on by a trusted proxy")
        value = value if value is not None else exchange.certificate
        if value is None:
            return None
        digest = digest_of(value)
        verified = self._verified.get(digest, exchange.time)
        if verified is None:
            try:
                verified = self._verify(value, exchange)
            except BadCertificate as fault:
                raise _invalid(str(fault)) from None
            self._verified.put(digest, verified)
        return verified.caller

    def _verify(self, value: str, exchange: Exchange) -> Verified:
        if self._authorities is None:
            raise BadCertificate("no authority is known")
        certificate = read_certificate(value)
        self._authorities.check(certificate, exchange.time)
        told = claims_of(certificate)
        if self._subjects and told["subject"] not in self._subjects:
            raise BadCertificate("another subject")
        user = self._mapping.user(told, told["issuer"])
        caller = Caller(("mutual_tls", told["issuer"], user["id"]), user, tenant=self._tenant)
        return Verified(caller, certificate.not_valid_after_utc)


def _invalid(reason: str) -> Unauthorized:
    return Unauthorized("The credential is not valid.", reason=reason)


def build(config: MutualTls, services: Services) -> Certificates:
    """Reports authorities, subjects and claims that can't be used; without an authority nobody gets in."""
    tenant_usable(config.tenant, (), services)
    subjects = frozenset(_subject(text, index, services) for index, text in enumerate(config.subjects))
    mapping = ClaimMapping(config.claims, services)
    trusted = _authorities(services.folder / config.ca, services)
    return Certificates(
        config.header or "", Authorities(trusted) if trusted else None, subjects=subjects, mapping=mapping, tenant=config.tenant
    )


def _subject(text: str, index: int, services: Services) -> str:
    """In the one spelling in which subjects are compared."""
    try:
        return Name.from_rfc4514_string(text).rfc4514_string()
    except ValueError:
        services.problem("GW527", "this is not a subject", path=("subjects", index), hint="write it like `CN=shop,O=Partner`")
        return ""


def _authorities(path: FilePath, services: Services) -> list[Certificate]:
    try:
        with path.open("rb") as stream:
            return load_pem_x509_certificates(stream.read(MOST_BYTES))
    except (OSError, ValueError):
        services.problem("GW525", "this is no file with certificates (PEM)", path=("ca",), hint="name the file of the authorities")
        return []


component = Component(
    kind="identity",
    name="mutual_tls",
    Config=MutualTls,
    build=build,
    summary="Client certificates, of the gateway's own connections or passed on by a trusted proxy.",
    example="""identity:
  - mutual_tls:
      ca: certs/partners.pem
      header: X-Client-Cert
      subjects: ["CN=shop,O=Partner"]
      claims: {id: common_name}
""",
)
