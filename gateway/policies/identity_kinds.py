"""Kinds of identity whose configuration is checked and whose runtime comes with a later release.

Using one is an error until then: an identity that is configured and not enforced would let the wrong people in.
"""

from __future__ import annotations

from typing import Annotated, Literal

from gateway.sdk import Component, Duration, Expr, Model, Name, Secret, default, described

Claims = Annotated[
    dict[str, Expr], described("Members of `user`, each an expression over the verified token's claims: `{customer_id: sub}`.")
]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"]
TenantName = Annotated[Name | None, described("The tenant that its callers belong to.")]


class MutualTls(Model, frozen=True, kw_only=True):
    """Client certificates (RFC 8705)."""

    ca: Annotated[Secret, described("File with the authorities whose certificates are accepted (PEM).")]
    header: Annotated[str | None, described("Header in which a trusted proxy passes the certificate on.")] = None
    subjects: Annotated[list[str], described("Subjects that are accepted; any where empty.")] = []
    claims: Claims = {}
    tenant: TenantName = None


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
