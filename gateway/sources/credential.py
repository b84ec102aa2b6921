"""The credentials of a source: the one of its own `auth`, and those of tenants who have another."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.sdk import HttpSourceConfig, Path, Services
from gateway.sdk.source_config import BackendAuth
from gateway.sources.backend_auth import Credential
from gateway.sources.backend_auth_fixed import api_key, basic
from gateway.sources.backend_auth_forward import ForwardedToken
from gateway.sources.backend_auth_identity import identity_header
from gateway.sources.backend_auth_oauth2 import oauth2
from gateway.sources.header_rules import check_header_name

AUTHORIZATION = "Authorization"


def own_credential(source: HttpSourceConfig, services: Services) -> Credential | None:
    """None where the source has no `auth`, or one that can't be used, which is reported: nothing is then served."""
    if source.auth is None:
        return None
    header, at = _header(source.auth)
    for path in _others(source, header):
        _report(services, header, path, key=path[0] == "headers")
    return _credential(source.auth, source, services, ("auth",)) if _can_carry(services, header, ("auth", *at)) else None


def tenant_credentials(source: HttpSourceConfig, services: Services) -> Iterator[tuple[str, Credential]]:
    """The tenants with credentials of their own for the source, each with what takes the place of the source's."""
    for tenant, (auth, of_tenant) in services.tenant_auth.items():
        header, at = _header(auth)
        if any(_others(source, header)):
            _report(of_tenant, header, (), key=True)
        made = _credential(auth, source, of_tenant, ()) if _can_carry(of_tenant, header, at) else None
        if made is not None:
            yield tenant, made


def _credential(auth: BackendAuth, source: HttpSourceConfig, services: Services, at: Path) -> Credential | None:
    if auth.oauth2 is not None:
        return oauth2(auth.oauth2, source, services, (*at, "oauth2"))
    if auth.basic is not None:
        return basic(auth.basic, services, (*at, "basic"))
    if auth.api_key is not None:
        return api_key(auth.api_key, services, (*at, "api_key"))
    if auth.identity_header is not None:
        return identity_header(auth.identity_header, services, (*at, "identity_header"))
    return ForwardedToken()


def _header(auth: BackendAuth) -> tuple[str, Path]:
    """The header that carries the proof, and where below `auth` its name is written."""
    if auth.api_key is not None:
        return auth.api_key.header, ("api_key", "header")
    if auth.identity_header is not None:
        return auth.identity_header.header, ("identity_header", "header")
    return AUTHORIZATION, ()


def _can_carry(services: Services, header: str, path: Path) -> bool:
    return check_header_name(services, header, path, forwarded=True)


def _others(source: HttpSourceConfig, header: str) -> Iterator[Path]:
    """Where else the source sends the same header: `auth` would take its place."""
    yield from (("headers", name) for name in source.headers if name.lower() == header.lower())
    yield from (("forward", index) for index, name in enumerate(source.forward) if name.lower() == header.lower())


def _report(services: Services, header: str, path: Path, *, key: bool) -> None:
    hint = "leave it out of `headers` and `forward`, or choose another header"
    services.problem("GW255", f"the header `{header}` is sent by `auth` and by the source itself", path=path, hint=hint, key=key)
