"""Where a client's requests go: a base URL, taken apart once."""

from __future__ import annotations

import ipaddress
from typing import Self
from urllib.parse import SplitResult, urlsplit

import msgspec

PORTS = {"http": 80, "https": 443}


class Server(msgspec.Struct, frozen=True):
    """A server and the base path below which its targets lie.

    `host` is what is resolved and what a certificate must name, `authority` the value of the `Host` header, `base` the path that
    is put before every target (no slash at its end).
    """

    secure: bool
    host: str
    port: int
    authority: str
    base: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Takes `http(s)://host[:port][/base]`. Raises ValueError, without the URL in its message, for anything else."""
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError("a server's URL is written in ASCII: international names as xn--…, paths percent-encoded")
        parts = urlsplit(url)
        if parts.scheme not in PORTS:
            raise ValueError("a server's URL starts with http:// or https://")
        if not parts.hostname or parts.username is not None:
            raise ValueError("a server's URL names a host, and no user")
        if parts.query or parts.fragment:
            raise ValueError("a server's URL has neither query nor fragment")
        if not can_be_resolved(parts.hostname):
            raise ValueError("a server's URL names a host that can't exist")
        port = parts.port if parts.port is not None else PORTS[parts.scheme]
        return cls(parts.scheme == "https", parts.hostname, port, authority_of(parts), parts.path.rstrip("/"))

    @property
    def is_literal(self) -> bool:
        """Whether `host` is an address already, so that no name needs to be resolved."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


def authority_of(parts: SplitResult) -> str:
    """Host and port as RFC 9110 §7.2 wants them: the default port left out, IPv6 in brackets, no zone (RFC 6874)."""
    host = (parts.hostname or "").partition("%")[0]
    name = f"[{host}]" if ":" in host else host
    return name if parts.port in {None, PORTS[parts.scheme]} else f"{name}:{parts.port}"


def can_be_resolved(host: str) -> bool:
    """Whether every label has a length that a name may have (RFC 1035 §2.3.4)."""
    try:
        return len(host.encode("idna")) <= 253
    except UnicodeError:
        return False
