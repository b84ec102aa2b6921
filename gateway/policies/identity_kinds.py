"""Kinds of identity whose configuration is checked and whose runtime comes with a later release.

Using one is an error until then: an identity that is configured and not enforced would let the wrong people in.
"""

from __future__ import annotations

from typing import Annotated

from gateway.policies.claims import Claims
from gateway.policies.configured_user import TenantName
from gateway.sdk import Component, Duration, Model, Secret, default, described


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


components: tuple[Component, ...] = (
    Component(
        kind="identity",
        name="oidc",
        Config=Oidc,
        build=None,
        summary="Sign-in in the browser with OpenID Connect.",
        example="""identity:
  - oidc:
      issuer: https://id.acme.example
      client_id: gateway
      client_secret: ${ secret.oidc }
      scopes: [profile, email]
      claims: {customer_id: sub}
""",
        status="protects",
    ),
)
