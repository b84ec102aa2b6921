"""The `servers` of a source, and those that its tenants have of their own: checked, and taken apart into addresses and weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import msgspec

from gateway.sdk import CheckSettings, CircuitSettings, HttpSettings, HttpSourceConfig, Services
from gateway.sdk.http import EJECTION
from gateway.sdk.source_config import ServerEntry, WeightedServer

CONNECTIONS = 100
"""Connections that each server may have where `concurrency` doesn't ask for more."""

MOST_OFTEN = 0.1
"""The shortest time, in seconds, between two health checks of a server, whatever is written."""

HINT = "write a base URL such as `https://orders.example:8443/api`"


def url_of(entry: ServerEntry) -> str:
    """The base URL of an item of `servers`."""
    return entry.url if isinstance(entry, WeightedServer) else entry


def weight_of(entry: ServerEntry) -> float:
    """The weight of an item of `servers`."""
    return entry.weight if isinstance(entry, WeightedServer) else 1.0


def sound_servers(config: HttpSourceConfig, services: Services) -> Iterator[ServerEntry]:
    """The servers that can be used; the others are reported (GW254)."""
    for index, entry in enumerate(config.servers):
        fault = server_fault(url_of(entry))
        if fault is None:
            yield entry
        else:
            below = ("url",) if isinstance(entry, WeightedServer) else ()
            services.problem("GW254", fault, path=("servers", index, *below), hint=HINT)


def server_fault(server: str) -> str | None:
    """What is wrong with a base URL, or None."""
    try:
        url = urlsplit(server)
        port = url.port
    except ValueError:
        return "this is not a URL"
    written = server.isascii() and server.isprintable() and " " not in server
    if not written or url.scheme not in ("http", "https") or not url.hostname or port == 0:
        return "a server must be an `http` or `https` URL with a host"
    if url.username is not None or url.password is not None:
        return "a server's URL must not hold a user name or password; they would show up in logs"
    if url.query or url.fragment:
        return "a server's URL must not hold a query or a fragment"
    return None


def settings_of(config: HttpSourceConfig, services: Services, servers: Sequence[ServerEntry], pool: str = "") -> HttpSettings:
    """How the client of these servers is made; `pool` is the tenant whose own they are."""
    written = services.circuit_breakers.get(config.circuit_breaker) if isinstance(config.circuit_breaker, str) else config.circuit_breaker
    return HttpSettings(
        servers=tuple(url_of(entry) for entry in servers),
        weights=tuple(weight_of(entry) for entry in servers),
        engine=config.engine,
        proxy=config.proxy if config.engine == "httpx" else None,
        connections=max(CONNECTIONS, config.concurrency or 0),
        balance=config.balance or "round_robin",
        ejection=EJECTION if written is None else CircuitSettings.of(written),
        check=_check(config),
        pool=pool,
    )


def _check(config: HttpSourceConfig) -> CheckSettings | None:
    written = config.healthcheck
    if written is None:
        return None
    return CheckSettings(written.endpoint, max(MOST_OFTEN, written.interval), float(written.timeout), written.threshold)


def unreachable(settings: HttpSettings) -> HttpSettings:
    """Stands in for servers that were refused, so that the rest of the source is still checked (`.invalid`: RFC 2606)."""
    return msgspec.structs.replace(settings, servers=("http://server.invalid",), weights=(), engine="fast", proxy=None, check=None)
