"""Reading `redis://user:password@host:port/number`, and `redis+sentinel://user:password@host:port,host:port/service/number`.

Nothing is connected, and no message holds any of the URL's text.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

PORT = 6379
SENTINEL_PORT = 26379
WATCHED = ("redis+sentinel://", "rediss+sentinel://")
SCHEMES = ("redis", "rediss", "redis+sentinel", "rediss+sentinel")
EXAMPLE = "write for example `redis://:password@cache.example:6379/0`"
ONE_SERVER = "name one server, or sentinels with `redis+sentinel://…`: Redis Cluster comes in a later release"
SENTINELS = "write for example `redis+sentinel://:password@one.example:26379,two.example:26379/mymaster/0`"
NO_OPTIONS = "leave out what follows `?` or `#`; in a password these are written `%3F` and `%23`"
NO_PASSWORD = "a user has a password: `redis://user:password@host`"  # noqa: S105 -- a hint

_NUMBER = re.compile(r"/?(?P<number>(?<=/)[0-9]{1,5})?")
_SERVICE = re.compile(r"/(?P<service>[A-Za-z0-9._%-]{1,200})(?:/(?P<number>[0-9]{1,5})?)?")


class UnusableUrl(ValueError):
    """The URL can't be used; the message is a hint how to mend it."""


class RedisAddress(msgspec.Struct, frozen=True):
    """Where a server is, and what it is told first. The representation shows neither user nor password.

    With `sentinels` it is the master of `service` that they name; `host` and `port` are then nobody's.
    """

    host: str
    port: int
    database: int
    username: str | None
    password: str | None
    tls: bool
    sentinels: tuple[tuple[str, int], ...] = ()
    service: str = ""

    def __repr__(self) -> str:
        return "RedisAddress()"


def read_url(url: str) -> RedisAddress:
    """Raises `UnusableUrl`."""
    watched = url.startswith(WATCHED)
    try:
        parts = urlsplit(_of_first(url) if watched else url)
        host, port = parts.hostname, parts.port
    except ValueError:  # whose text may be a part of the password
        raise UnusableUrl(SENTINELS if watched else ONE_SERVER if "," in url else EXAMPLE) from None
    if parts.scheme not in SCHEMES or not host or port == 0:
        raise UnusableUrl(SENTINELS if watched else EXAMPLE)
    if "," in host:
        raise UnusableUrl(ONE_SERVER)
    found = (_SERVICE if watched else _NUMBER).fullmatch(parts.path)
    _check_rest(parts, usable=found is not None, hint=SENTINELS if watched else EXAMPLE)
    return RedisAddress(
        host="" if watched else unquote(host),
        port=0 if watched else port or PORT,
        database=int((found and found["number"]) or 0),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme.startswith("rediss"),
        sentinels=_sentinels(url) if watched else (),
        service=unquote(found["service"]) if watched and found else "",
    )


def _of_first(url: str) -> str:
    """The URL as if the first sentinel were the only one."""
    scheme, place, path = _parts(url)
    login, at, servers = place.rpartition("@")
    return f"{scheme}://{login}{at}{servers.partition(',')[0]}/{path}"


def _sentinels(url: str) -> tuple[tuple[str, int], ...]:
    """Raises `UnusableUrl`."""
    servers = _parts(url)[1].rpartition("@")[2]
    found = []
    for server in servers.split(","):
        try:
            parts = urlsplit(f"//{server}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UnusableUrl(SENTINELS) from None
        if not host or port == 0:
            raise UnusableUrl(SENTINELS)
        found.append((unquote(host), port or SENTINEL_PORT))
    return tuple(found)


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, what stands before the path, and the path and all behind it."""
    scheme, _, rest = url.partition("://")
    place, _, path = rest.partition("/")
    return scheme, place, path


def _check_rest(parts: SplitResult, *, usable: bool, hint: str) -> None:
    """redis-py would read options from the URL, such as one that switches the check of certificates off."""
    if parts.query or parts.fragment:
        raise UnusableUrl(NO_OPTIONS)
    if not usable:
        raise UnusableUrl(hint)
    if parts.username and not parts.password:
        raise UnusableUrl(NO_PASSWORD)
