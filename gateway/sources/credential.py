"""The one credential of a source, made from its `auth`."""

from __future__ import annotations

from gateway.sdk import HttpSourceConfig, Path, Services
from gateway.sdk.source_config import BackendAuth
from gateway.sources.backend_auth import Credential
from gateway.sources.backend_auth_fixed import api_key, basic
from gateway.sources.backend_auth_forward import ForwardedToken
from gateway.sources.backend_auth_identity import identity_header
from gateway.sources.backend_auth_oauth2 import oauth2
from gateway.sources.header_rules import check_header_name

AUTHORIZATION = "Authorization"


def credential_of(config: HttpSourceConfig, services: Services) -> Credential | None:
    """None where the source has no `auth`, or one that can't be used, which is reported: nothing is then served."""
    auth = config.auth
    if auth is None:
        return None
    header, path = _header(auth)
    if not check_header_name(services, header, path, forwarded=True):
        return None
    _check_alone(config, header, services)
    if auth.oauth2 is not None:
        return oauth2(auth.oauth2, config, services)
    if auth.basic is not None:
        return basic(auth.basic, services)
    if auth.api_key is not None:
        return api_key(auth.api_key, services)
    if auth.identity_header is not None:
        return identity_header(auth.identity_header, services)
    return ForwardedToken()


def _header(auth: BackendAuth) -> tuple[str, Path]:
    """The header that carries the proof, and where its name is written."""
    if auth.api_key is not None:
        return auth.api_key.header, ("auth", "api_key", "header")
    if auth.identity_header is not None:
        return auth.identity_header.header, ("auth", "identity_header", "header")
    return AUTHORIZATION, ("auth",)


def _check_alone(config: HttpSourceConfig, header: str, services: Services) -> None:
    """Reports other keys of the source that would send the same header: `auth` would take their place."""
    hint = f"`auth` sends `{header}` itself: leave one of them out"
    for name in config.headers:
        if name.lower() == header.lower():
            services.problem("GW255", f"the header `{name}` is the one of `auth`", path=("headers", name), hint=hint, key=True)
    for index, name in enumerate(config.forward):
        if name.lower() == header.lower():
            services.problem("GW255", f"the header `{name}` is the one of `auth`", path=("forward", index), hint=hint)
