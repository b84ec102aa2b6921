"""Addresses at which issuers are asked: one origin each, over https unless it is this machine itself."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from gateway.sdk import HttpClient, HttpSettings, Path, Services

CONNECTIONS = 10
WAITING = 1000
HINT = "write it like `https://id.example/keys`"


class Address(msgspec.Struct, frozen=True):
    """`origin` is what is connected to, `path` what is asked for there, query included."""

    origin: str
    path: str


class UnusableAddress(Exception):
    """It is no address of an issuer. Its text says why, without the address."""


def read_address(url: str) -> Address:
    """Raises `UnusableAddress`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnusableAddress("this is not a URL") from None
    host = parts.hostname
    if parts.scheme not in ("https", "http") or not host:
        raise UnusableAddress("this is not an https URL")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UnusableAddress("an issuer's URL has neither user nor fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise UnusableAddress("keys and tokens are asked about over https only")
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise UnusableAddress("a URL has printable ASCII characters only")
    origin = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port is not None else ''}"
    return Address(origin, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, or a loopback address in its usual spelling."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def client_at(url: str, path: Path, services: Services, *, hint: str = HINT) -> tuple[HttpClient, Address] | None:
    """A client of the URL written at `path`, and what to ask it for; None where it can't be used, which is reported."""
    try:
        address = read_address(url)
        client = services.http(HttpSettings(servers=(address.origin,), connections=CONNECTIONS, waiting=WAITING))
    except UnusableAddress as fault:
        services.problem("GW524", str(fault), path=path, hint=hint)
    except ValueError:
        services.problem("GW524", "this is not a URL", path=path, hint=hint)
    else:
        return client, address
    return None
