"""The addresses of one host name: kept while they are in use, refreshed in the background, never looked up in the event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain, zip_longest
from math import inf
from threading import Thread

from gateway.net.server import Server

REFRESH = 30.0
"""Seconds after which a name is looked up again."""

PATIENCE = 1.0
"""Seconds that a look-up may take before an old answer is used instead."""

AGAIN = 5.0
"""Seconds until a name is looked up again for a new connection where it could not be; its old answer is used until then."""


class Resolver:
    """Looks up the name of one server, one look-up at a time.

    While `in_use()`, the name is looked up again every `REFRESH` seconds; where that fails, what was found last goes on being used.
    `on_change` is told the addresses whenever they are others than before. Belongs to the loop that first asks.
    """

    def __init__(self, server: Server, on_change: Callable[[frozenset[str]], None], in_use: Callable[[], bool]) -> None:
        self._server = server
        self._on_change = on_change
        self._in_use = in_use
        self._literal = [server.host] if server.is_literal else None
        self._known: list[str] = []
        self._good_until = -inf
        self._patient_until = -inf
        self._asking: asyncio.Future[list[str]] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def addresses(self) -> list[str]:
        """The addresses, the two families taking turns. Raises OSError (gaierror) where the name has none and never had."""
        if self._literal is not None:
            return self._literal
        now = asyncio.get_running_loop().time()
        if now < self._good_until:
            return self._known
        asking = self._ask()
        if not self._known:
            return await asyncio.shield(asking)
        if now < self._patient_until:
            await asyncio.wait([asking], timeout=self._patient_until - now)
        return self._known

    def close(self) -> None:
        """Ends the refreshing. A look-up in progress is left to end by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ask(self) -> asyncio.Future[list[str]]:
        if self._asking is None:
            self._patient_until = asyncio.get_running_loop().time() + PATIENCE
            self._asking = look_up(self._server.host, self._server.port)
            self._asking.add_done_callback(self._answered)
        return self._asking

    def _answered(self, answer: asyncio.Future[list[str]]) -> None:
        self._asking = None
        loop = asyncio.get_running_loop()
        found = [] if answer.cancelled() or answer.exception() is not None else answer.result()
        if not found:
            self._good_until = loop.time() + AGAIN if self._known else -inf
            return
        before, self._known, self._good_until = self._known, found, loop.time() + REFRESH
        self.close()
        self._timer = loop.call_later(REFRESH, self._refresh)
        if before and set(before) != set(found):
            self._on_change(frozenset(found))

    def _refresh(self) -> None:
        """Goes on, as long as the addresses are in use: a name that can't be looked up now is tried again after as long."""
        self._timer = None
        if self._in_use():
            self._ask()
            self._timer = asyncio.get_running_loop().call_later(REFRESH, self._refresh)


def look_up(host: str, port: int) -> asyncio.Future[list[str]]:
    """The addresses of a name, in the system's order, the two families taking turns.

    Asked in a thread of its own, which a program need not wait for: a name whose look-up hangs holds up neither other names nor the end.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], failure: OSError | None) -> None:
        if future.done():
            return
        if failure is None:
            future.set_result(found)
        else:
            future.set_exception(failure)

    def ask() -> None:
        found: list[str] = []
        failure: OSError | None = None
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
            found = take_turns((family, str(address[0])) for family, _, _, _, address in answers)
        except OSError as fault:
            failure = fault
        except ValueError as fault:
            failure = OSError(str(fault))
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, found, failure)

    try:
        Thread(target=ask, name="gateway-dns", daemon=True).start()
    except RuntimeError as fault:  # the system gives no more threads
        loop.call_soon(settle, [], OSError(str(fault)))
    return future


def take_turns(addresses: Iterable[tuple[int, str]]) -> list[str]:
    """Addresses by family, in order, one of each family after the other."""
    families: dict[int, list[str]] = {}
    for family, address in addresses:
        families.setdefault(family, []).append(address)
    return [address for address in chain.from_iterable(zip_longest(*families.values())) if address is not None]
