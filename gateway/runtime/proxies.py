"""Proxies in front of the gateway: whose word about a request's origin is taken (`server.trusted_proxies`)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

MOST_HOPS = 20
"""Addresses of an `X-Forwarded-For` that are looked at, from its end."""


class Proxies:
    """The addresses and networks that are trusted; none are where nothing is written."""

    def __init__(self, written: Iterable[str] = ()) -> None:
        """Raises `ValueError` for what is neither an address nor a network."""
        self._networks = tuple(ip_network(text) for text in written)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def trusts(self, address: str) -> bool:
        """Whether who connects from `address` is one of them."""
        found = _address(address)
        return found is not None and any(found.version == network.version and found in network for network in self._networks)

    def client(self, peer: str, forwarded_for: str | None) -> str:
        """The address that the request came from: the last in `X-Forwarded-For` that is no trusted proxy.

        Each proxy adds at its end whom it was called by, so what stands before an address that isn't trusted may be made up, and so
        may everything before what is no address.
        """
        client = peer
        for hop in reversed((forwarded_for or "").rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
            address = _address(_without_port(hop.strip()))
            if address is None or not self.trusts(client):
                break
            client = str(address)
        return client


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _without_port(hop: str) -> str:
    """Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
