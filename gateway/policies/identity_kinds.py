"""Kinds of identity whose configuration is checked and whose runtime comes with a later release.

Using one is an error until then: an identity that is configured and not enforced would let the wrong people in.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.sdk import Component, Duration, Expr, Model, Name, Secret, default, described

Claims = Annotated[
    dict[str, Expr], described("Members of `user`, each an expression over the verified token's claims: `{customer_id: sub}`.")
]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"]
TenantName = Annotated[Name | None, described("The tenant that its callers belong to.")]


class Introspection(Model, frozen=True, kw_only=True):
    """Bearer tokens that the issuer is asked about (RFC 7662)."""

    url: Annotated[Secret, described("The introspection endpoint.")]
    client_id: Annotated[Secret, described("The gateway's name there.")]
    client_secret: Annotated[Secret, described("The gateway's secret there.")]
    issuer: Annotated[str | None, described("Who must have issued the token.")] = None
    audience: Annotated[str | list[str] | None, described("For whom it must be; one of these.")] = None
    ttl: Annotated[Duration, described("How long an answer is believed; 30s by default.")] = default(Duration.parse, "30s")
    timeout: Annotated[Duration, described("Longest wait for an answer; 2s by default.")] = default(Duration.parse, "2s")
    claims: Claims = {}
    tenant: TenantName = None


class MutualTls(Model, frozen=True, kw_only=True):
    """Client certificates (RFC 8705)."""

    ca: Annotated[Secret, described("File with the authorities whose certificates are accepted (PEM).")]
    header: Annotated[str | None, described("Header in which a trusted proxy passes the certificate on.")] = None
    subjects: Annotated[list[str], described("Subjects that are accepted; any where empty.")] = []
    claims: Claims = {}
    tenant: TenantName = None


class HmacKey(Model, frozen=True, kw_only=True):
    """One caller's key."""

    id: Annotated[str, described("Name of the key, sent with the request.")]
    secret: Annotated[Secret, described("The shared secret.")]
    tenant: TenantName = None
    user: Annotated[dict[str, Any], described("Who the caller is: `{id, roles, …}`.")]


class Hmac(Model, frozen=True, kw_only=True):
    """Requests signed with a shared secret (RFC 2104)."""

    header: Annotated[str, described("Header that carries the signature.")] = "X-Signature"
    key_header: Annotated[str, described("Header that names the key.")] = "X-Key-Id"
    timestamp_header: Annotated[str, described("Header that carries the time of signing; part of what is signed.")] = "X-Timestamp"
    algorithm: Annotated[Literal["sha256", "sha512"], described("Hash function.")] = "sha256"
    tolerance: Annotated[Duration, described("How old a signature may be; 5m by default.")] = default(Duration.parse, "5m")
    keys: Annotated[Annotated[list[HmacKey], msgspec.Meta(min_length=1)], described("Callers' keys.")]


class Oidc(Model, frozen=True, kw_only=True):
    """Sign-in in the browser with OpenID Connect (authorisation code with PKCE)."""

    issuer: Annotated[str, described("The provider; its metadata tells the rest.")]
    client_id: Annotated[Secret, described("The gateway's name there.")]
    client_secret: Annotated[Secret | None, described("The gateway's secret there.")] = None
    scopes: Annotated[list[str], described("What is asked for, besides `openid`.")] = []
    redirect_path: Annotated[str, described("Path that the provider sends the browser back to.")] = "/v1/signin/callback"
    session: Annotated[Duration, described("How long a sign-in lasts; 8h by default.")] = default(Duration.parse, "8h")
    claims: Claims = {}
    tenant: TenantName = None


def _coming(name: str, config: type[Model], summary: str, example: str) -> Component:
    return Component(kind="identity", name=name, Config=config, build=None, summary=summary, example=example, status="protects")


components: tuple[Component, ...] = (
    _coming(
        "introspection",
        Introspection,
        "Bearer tokens that the issuer is asked about.",
        """identity:
  - introspection:
      url: https://id.acme.example/introspect
      client_id: gateway
      client_secret: ${ secret.introspection }
      issuer: https://id.acme.example
      audience: [chat]
      claims: {customer_id: sub}
""",
    ),
    _coming(
        "mutual_tls",
        MutualTls,
        "Client certificates.",
        """identity:
  - mutual_tls:
      ca: certs/partners.pem
      header: X-Client-Cert
      subjects: ["CN=shop,O=Partner"]
      claims: {id: subject}
""",
    ),
    _coming(
        "hmac",
        Hmac,
        "Requests signed with a shared secret.",
        """identity:
  - hmac:
      header: X-Signature
      keys:
        - {id: shop, secret: "${ secret.shop_hmac }", tenant: acme, user: {id: shop_bot, roles: [partner]}}
""",
    ),
    _coming(
        "oidc",
        Oidc,
        "Sign-in in the browser with OpenID Connect.",
        """identity:
  - oidc:
      issuer: https://id.acme.example
      client_id: gateway
      client_secret: ${ secret.oidc }
      scopes: [profile, email]
      claims: {customer_id: sub}
""",
    ),
)
