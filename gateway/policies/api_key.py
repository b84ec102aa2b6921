"""Identity `api_key`: callers known by a key of which the configuration holds only the hash."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Annotated, Any

import msgspec

from gateway.sdk import Caller, Component, Exchange, Model, Path, Secret, Services, Unauthorized, described, form, user_root

HEADER_NAME = r"^[A-Za-z0-9!#$%&'*+.^`|~-]+$"
"""A field name of RFC 9110, without `_`, which proxies read as `-`."""

HASH = re.compile(r"sha256:([0-9a-f]{64})")
LISTS = ("roles", "groups", "scopes", "amr")
DEFAULT_TENANT = "default"


class ApiKey(Model, frozen=True, kw_only=True):
    """One key and who holds it. A caller may have several."""

    hash: Annotated[Secret, described("`sha256:` and the SHA-256 of the key in 64 lower-case hexadecimal digits.")]
    tenant: Annotated[str | None, described("The tenant that its holder belongs to.")] = None
    user: Annotated[dict[str, Any], described("Who the caller is: `{id, roles, groups, scopes}` and any names of your own.")]


class ApiKeyConfig(Model, frozen=True, kw_only=True):
    """Callers known by a key in a header."""

    header: Annotated[
        Annotated[str, msgspec.Meta(pattern=HEADER_NAME), form("a header's name, without `_`")],
        described("Header that carries the key."),
    ] = "X-API-Key"
    keys: Annotated[Annotated[list[ApiKey], msgspec.Meta(min_length=1)], described("The keys.")]


class ApiKeys:
    """Knows callers by the digest of what their header holds."""

    def __init__(self, header: str, callers: dict[str, Caller]) -> None:
        self._header = header.lower()
        self._callers = callers
        self.reads = frozenset({self._header})

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        """Raises `Unauthorized` for a key that isn't one of ours."""
        presented = exchange.headers.get(self._header)
        if presented is None:
            return None
        # How long the look-up takes tells of the guess's digest at most, and nothing of a key leads there.
        caller = self._callers.get(sha256(presented.encode("latin-1", "replace")).hexdigest())
        if caller is None:
            raise Unauthorized("The credential is not valid.")
        return caller


def build(config: ApiKeyConfig, services: Services) -> ApiKeys:
    """Reports hashes, users and tenants that can't be used; an unusable key knows nobody."""
    callers: dict[str, Caller] = {}
    for index, key in enumerate(config.keys):
        path: Path = ("keys", index)
        digest = _digest(key, path, services)
        caller = _caller(key, path, services)
        if digest in callers:
            services.problem("GW521", "two keys have the same hash", path=(*path, "hash"), hint="each key belongs to one caller")
        elif digest is not None and caller is not None:
            callers[digest] = caller
    return ApiKeys(config.header, callers)


def _digest(key: ApiKey, path: Path, services: Services) -> str | None:
    match = HASH.fullmatch(key.hash)
    if match is None:
        services.problem(
            "GW520",
            "a key's hash is `sha256:` and 64 lower-case hexadecimal digits",
            path=(*path, "hash"),
            hint="printf %s KEY | sha256sum",
        )
    return match[1] if match is not None else None


def _caller(key: ApiKey, path: Path, services: Services) -> Caller | None:
    """The holder, or None where `user` or `tenant` can't be used, which is reported."""
    user = key.user
    faults = [name for name in LISTS if not _is_list_of_texts(user.get(name, []))]
    for name in faults:
        services.problem("GW522", f"`{name}` of a user is a list of texts", path=(*path, "user", name))
    identity = user.get("id")
    if not isinstance(identity, str) or not identity:
        services.problem("GW522", "a user needs an `id`, as text", path=(*path, "user"), hint="write user: {id: …, roles: […]}")
        return None
    if key.tenant not in (None, DEFAULT_TENANT):
        services.problem("GW111", "`tenant` is not in force yet", path=(*path, "tenant"), hint="tenants come with a later release")
        return None
    return None if faults else Caller(("api_key", "", identity), user_root(identity, user), tenant=key.tenant)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


component = Component(
    kind="identity",
    name="api_key",
    Config=ApiKeyConfig,
    build=build,
    summary="Callers known by a key in a header.",
    example="""identity:
  - api_key:
      header: X-API-Key
      keys:
        - hash: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
          user: {id: shop_bot, roles: [customer]}
""",
)
