"""Outbound HTTP: pooled clients with one total deadline and one size limit per call.

Read `engine_fast.py` first: a call takes a place (`places.py`), an idle connection (`idle.py`) or a new one (`dial.py`), sends its
head (`head.py`) and has its answer parsed (`connection.py`, `answer.py`) and collected (`body.py`) before its deadline
(`deadlines.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

from gateway.net.server import Server
from gateway.net.stats import Stats
from gateway.net.tls import Tls
from gateway.sdk import Clock, Engine, HttpClient, HttpSettings, SystemClock

__all__ = ["NetClient", "Stats", "Tls", "client"]


ENGINES: Mapping[Engine, str] = {"fast": "gateway.net.engine_fast:FastClient", "httpx": "gateway.net.engine_httpx:HttpxClient"}
"""Each engine by dotted name. It is imported at load by the first client that wants it: httpx2 alone is a tenth of a start."""


class NetClient(HttpClient, Protocol):
    """An `HttpClient` that also tells what it is busy with."""

    def stats(self) -> Stats: ...


def client(settings: HttpSettings, *, clock: Clock | None = None, tls: Tls | None = None) -> NetClient:
    """A client of the first of `settings.servers`, with the engine that the settings name.

    Called at load; needs no running event loop, and belongs to the loop that first sends with it. `clock` is the system's and
    `tls` trusts the system's certificates unless given. Raises ValueError where a URL or the combination can't be used and OSError
    where a file of `tls` can't be read; no message holds a URL.
    """
    if not settings.servers:
        raise ValueError("a client needs a server")
    server = Server.parse(settings.servers[0])
    clock, tls = clock or SystemClock(), tls or Tls()
    if settings.proxy and settings.engine != "httpx":
        raise ValueError("engine fast has no proxies; engine httpx has")
    module, _, name = ENGINES[settings.engine].partition(":")
    engine: Callable[[Server, HttpSettings, Clock, Tls], NetClient] = getattr(import_module(module), name)
    return engine(server, settings, clock, tls)
