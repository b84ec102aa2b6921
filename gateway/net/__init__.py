"""Outbound HTTP: pooled clients with one total deadline and one size limit per call.

Read `engine_fast.py` first: a call takes a place (`sdk/places.py`), an idle connection (`idle.py`) or a new one (`resolver.py`, `dial.py`),
sends its head (`head.py`) and has its answer parsed (`connection.py`, `answer.py`) and collected (`body.py`) before its deadline
(`sdk/deadlines.py`).

With several servers `balanced.py` stands before one such client each: it has one picked (`pool.py`, `picker.py`) of those that are well
(`member.py`, `health_checks.py`) and tells what happened (`pool_report.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

import msgspec

from gateway.net.balanced import BalancedClient, EngineClient
from gateway.net.health_checks import HealthChecks
from gateway.net.pool_report import Observed, PoolReport
from gateway.net.server import Server
from gateway.net.stats import Stats
from gateway.net.tls import Tls
from gateway.sdk import Clock, Engine, HttpClient, HttpSettings, SystemClock

__all__ = ["NetClient", "Observed", "Stats", "Tls", "client"]


ENGINES: Mapping[Engine, str] = {"fast": "gateway.net.engine_fast:FastClient", "httpx": "gateway.net.engine_httpx:HttpxClient"}
"""Each engine by dotted name. It is imported at load by the first client that wants it: httpx2 alone is a tenth of a start."""


class NetClient(HttpClient, Protocol):
    """An `HttpClient` that also tells what it is busy with."""

    def stats(self) -> Stats: ...


def client(settings: HttpSettings, *, clock: Clock | None = None, tls: Tls | None = None, observed: Observed | None = None) -> NetClient:
    """A client of `settings.servers`, with the engine that the settings name. One server without checks has a client with no more to it.

    Called at load; needs no running event loop, and belongs to the loop that first sends with it. `clock` is the system's and
    `tls` trusts the system's certificates unless given; `observed` is where the health of several servers is told. Raises ValueError
    where a URL or the combination can't be used and OSError where a file of `tls` can't be read; no message holds a URL.
    """
    if not settings.servers:
        raise ValueError("a client needs a server")
    servers = [Server.parse(url) for url in settings.servers]
    clock, tls = clock or SystemClock(), tls or Tls()
    if settings.proxy and settings.engine != "httpx":
        raise ValueError("engine fast has no proxies; engine httpx has")
    module, _, name = ENGINES[settings.engine].partition(":")
    engine: Callable[[Server, HttpSettings, Clock, Tls], EngineClient] = getattr(import_module(module), name)
    clients = [engine(server, settings, clock, tls) for server in servers]
    if len(clients) == 1 and settings.check is None:
        return clients[0]
    checks = None
    if settings.check is not None:
        for_checks = msgspec.structs.replace(settings, connections=1, waiting=0, idle=0.0)
        logger = observed.logger if observed is not None else logging.getLogger("gateway.net")
        checks = HealthChecks([engine(server, for_checks, clock, tls) for server in servers], settings.check, clock, logger=logger)
    report = PoolReport(observed, settings.pool, len(clients))
    return BalancedClient(clients, settings, clock, report=report, checks=checks)
