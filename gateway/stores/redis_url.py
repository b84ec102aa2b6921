"""Reading `redis://user:password@host:port/number`. Nothing is connected, and no message holds any of the URL's text."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

PORT = 6379
EXAMPLE = "write for example `redis://:password@cache.example:6379/0`"
ONE_SERVER = "name one server: Redis Cluster and Sentinel come in a later release"
NO_OPTIONS = "leave out what follows `?` or `#`; in a password these are written `%3F` and `%23`"
NO_PASSWORD = "a user has a password: `redis://user:password@host`"  # noqa: S105 -- a hint

_NUMBER = re.compile(r"/?|/[0-9]{1,5}")


class UnusableUrl(ValueError):
    """The URL can't be used; the message is a hint how to mend it."""


class RedisAddress(msgspec.Struct, frozen=True):
    """Where a server is, and what it is told first. The representation shows neither user nor password."""

    host: str
    port: int
    database: int
    username: str | None
    password: str | None
    tls: bool

    def __repr__(self) -> str:
        return "RedisAddress()"


def read_url(url: str) -> RedisAddress:
    """Raises `UnusableUrl`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # whose text may be a part of the password
        raise UnusableUrl(ONE_SERVER if "," in url else EXAMPLE) from None
    if parts.scheme not in ("redis", "rediss") or not host or port == 0:
        raise UnusableUrl(EXAMPLE)
    if "," in host:
        raise UnusableUrl(ONE_SERVER)
    _check_rest(parts)
    return RedisAddress(
        host=unquote(host),
        port=port or PORT,
        database=int(parts.path[1:] or 0),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "rediss",
    )


def _check_rest(parts: SplitResult) -> None:
    """redis-py would read options from the URL, such as one that switches the check of certificates off."""
    if parts.query or parts.fragment:
        raise UnusableUrl(NO_OPTIONS)
    if not _NUMBER.fullmatch(parts.path):
        raise UnusableUrl(EXAMPLE)
    if parts.username and not parts.password:
        raise UnusableUrl(NO_PASSWORD)
