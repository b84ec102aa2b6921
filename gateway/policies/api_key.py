"""Identity `api_key`: callers known by a key of which the configuration holds only the hash."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec

from gateway.policies.configured_user import configured_caller
from gateway.sdk import Caller, Component, Exchange, Model, Path, Secret, Services, Unauthorized, described, form

HEADER_NAME = r"^[A-Za-z0-9!#$%&'*+.^`|~-]+$"
"""A field name of RFC 9110, without `_`, which proxies read as `-`."""

DATE_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})$"

HASH = re.compile(r"sha256:([0-9a-f]{64})")


class ApiKey(Model, frozen=True, kw_only=True):
    """One key and who holds it. A caller may have several."""

    hash: Annotated[Secret, described("`sha256:` and the SHA-256 of the key in 64 lower-case hexadecimal digits.")]
    expires: Annotated[
        Annotated[str, msgspec.Meta(pattern=DATE_TIME), form("a date and time such as `2027-01-31T00:00:00Z`")] | None,
        described("From when on it is refused; never where unset."),
    ] = None
    tenant: Annotated[str | None, described("The tenant that its holder belongs to.")] = None
    user: Annotated[dict[str, Any], described("Who the caller is: `{id, roles, groups, scopes}` and any names of your own.")]


class ApiKeyConfig(Model, frozen=True, kw_only=True):
    """Callers known by a key in a header."""

    header: Annotated[
        Annotated[str, msgspec.Meta(pattern=HEADER_NAME), form("a header's name, without `_`")],
        described("Header that carries the key."),
    ] = "X-API-Key"
    keys: Annotated[Annotated[list[ApiKey], msgspec.Meta(min_length=1)], described("The keys.")]


class Holder(msgspec.Struct, frozen=True):
    """Who holds a key, and until when."""

    caller: Caller
    expires: datetime | None


class ApiKeys:
    """Knows callers by the digest of what their header holds."""

    challenge = 'ApiKey realm="gateway"'

    def __init__(self, header: str, holders: dict[str, Holder]) -> None:
        self._header = header.lower()
        self._holders = holders
        self.reads = frozenset({self._header})

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        """Raises `Unauthorized` for a key that isn't one of ours, or is no longer."""
        presented = exchange.headers.get(self._header)
        if presented is None:
            return None
        # How long the look-up takes tells of the guess's digest at most, and nothing of a key leads there.
        holder = self._holders.get(sha256(presented.encode("latin-1", "replace")).hexdigest())
        if holder is None:
            raise Unauthorized("The credential is not valid.", reason="unknown key")
        if holder.expires is not None and exchange.time >= holder.expires:
            raise Unauthorized("The credential is not valid.", reason="expired key")
        return holder.caller


def build(config: ApiKeyConfig, services: Services) -> ApiKeys:
    """Reports hashes, dates, users and tenants that can't be used; an unusable key knows nobody."""
    holders: dict[str, Holder] = {}
    seen: set[str] = set()
    for index, key in enumerate(config.keys):
        path: Path = ("keys", index)
        digest = _digest(key, path, services)
        caller = configured_caller("api_key", key.user, key.tenant, path=path, services=services)
        expires, dated = _expiry(key, path, services)
        if digest in seen:
            services.problem("GW521", "two keys have the same hash", path=(*path, "hash"), hint="each key belongs to one caller")
        elif digest is not None:
            seen.add(digest)
            if caller is not None and dated:
                holders[digest] = Holder(caller, expires)
    return ApiKeys(config.header, holders)


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


def _expiry(key: ApiKey, path: Path, services: Services) -> tuple[datetime | None, bool]:
    """The end of a key's life, and whether it could be read. A key that is over already is told of and stays refused."""
    if key.expires is None:
        return None, True
    try:
        expires = datetime.fromisoformat(key.expires)
    except ValueError:
        services.problem("GW522", "`expires` is no date that there is", path=(*path, "expires"), hint="write `2027-01-31T00:00:00Z`")
        return None, False
    if expires <= services.clock.now():
        services.problem(
            "GW523", "this key is refused: its time is over", path=(*path, "expires"), severity="warning", hint="remove the key"
        )
    return expires, True


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
          expires: "2030-01-31T00:00:00Z"
          user: {id: shop_bot, roles: [customer]}
""",
)
