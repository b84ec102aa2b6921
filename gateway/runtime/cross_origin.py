"""Which origins' pages may use the gateway from a browser (Fetch standard, "CORS protocol")."""

from __future__ import annotations

import re

import msgspec

ANYBODY = "*"
ORIGIN = re.compile(r"(https?)://((?:\*\.)?)((?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
LABEL = re.compile(r"[a-z0-9_-]+")
DEFAULT_PORTS = {"http": "80", "https": "443"}


class CrossOrigin(msgspec.Struct, frozen=True):
    """`origins` in the spelling of `origin_of`; `methods` None are all that an address has; `max_age` in seconds."""

    origins: frozenset[str]
    methods: frozenset[str] | None = None
    headers: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int = 600

    @property
    def anybody(self) -> bool:
        """Whether every origin is let in; the answer is then the same for all of them."""
        return ANYBODY in self.origins

    def lets_in(self, origin: str) -> bool:
        """Whether pages of `origin`, as a browser writes it, are let in. `null`, which stands for any page that hides, never is."""
        if origin in self.origins and ANYBODY not in origin:
            return True
        scheme, separator, host = origin.partition("://")
        label, dot, rest = host.partition(".")
        known = f"{scheme}://*.{rest}" in self.origins
        return known and bool(separator and dot and LABEL.fullmatch(label))


def origin_of(written: str) -> str:
    """An origin as browsers spell it: in lower case, without a default port. Raises `ValueError` for what is none."""
    if written == ANYBODY:
        return written
    match = ORIGIN.fullmatch(written.lower())
    if match is None or int(match[4] or 1) > 65535 or (match[2] and "." not in match[3]):
        raise ValueError(written)
    scheme, wildcard, host, port = match.groups()
    return f"{scheme}://{wildcard}{host}" + (f":{port}" if port is not None and port != DEFAULT_PORTS[scheme] else "")
