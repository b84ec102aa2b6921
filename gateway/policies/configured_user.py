"""Callers that the configuration itself describes: the holders of API keys and of signing keys."""

from __future__ import annotations

from typing import Annotated, Any

from gateway.sdk import Caller, Name, Path, Services, described, user_root

TenantName = Annotated[Name | None, described("The tenant that its callers belong to.")]
LISTS = ("roles", "groups", "scopes", "amr")


def configured_caller(kind: str, user: dict[str, Any], tenant: str | None, *, path: Path, services: Services) -> Caller | None:
    """The holder of a key at `path`, or None where its `user` or `tenant` can't be used, which is reported."""
    faults = [name for name in LISTS if not _is_list_of_texts(user.get(name, []))]
    for name in faults:
        services.problem("GW522", f"`{name}` of a user is a list of texts", path=(*path, "user", name))
    identity = user.get("id")
    if not isinstance(identity, str) or not identity:
        services.problem("GW522", "a user needs an `id`, as text", path=(*path, "user"), hint="write user: {id: …, roles: […]}")
        return None
    if not tenant_usable(tenant, path, services):
        return None
    return None if faults else Caller((kind, "", identity), user_root(identity, user), tenant=tenant)


def tenant_usable(tenant: str | None, path: Path, services: Services) -> bool:
    """Whether callers may be bound to `tenant`; reported where not."""
    if tenant is None or tenant in services.tenants:
        return True
    known = ", ".join(sorted(services.tenants))
    services.problem("GW513", f"unknown tenant `{tenant}`", path=(*path, "tenant"), hint=f"known here: {known}")
    return False


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
