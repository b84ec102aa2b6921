"""From a host name to a connection, by whichever of its addresses answers first (RFC 8305)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

from gateway.net.server import Server

HEAD_START = 0.25
"""How long, in seconds, one address is tried before the next one is tried too (RFC 8305 §8)."""

Connected = TypeVar("Connected")


async def dial(server: Server, connect: Callable[[str], Awaitable[Connected]], drop: Callable[[Connected], None]) -> Connected:
    """What `connect(address)` gives for the first address that answers; one that came too late is given to `drop`.

    Raises OSError (gaierror for the name) where no address answers.
    """
    addresses = [server.host] if server.is_literal else await resolve(server.host, server.port)
    if len(addresses) == 1:
        return await connect(addresses[0])
    return await race(addresses, connect, drop)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order, the two families taking turns. Asked outside of the event loop."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return take_turns((family, str(address[0])) for family, _, _, _, address in found)


def take_turns(addresses: Iterable[tuple[int, str]]) -> list[str]:
    families: dict[int, list[str]] = {}
    for family, address in addresses:
        families.setdefault(family, []).append(address)
    return [address for address in chain.from_iterable(zip_longest(*families.values())) if address is not None]


async def race(addresses: Sequence[str], connect: Callable[[str], Awaitable[Connected]], drop: Callable[[Connected], None]) -> Connected:
    """Tries one address after the other, each with a head start, and keeps the first that connects."""
    attempts: set[asyncio.Future[Connected]] = set()
    failure: BaseException = OSError("no address")
    waiting = iter(addresses)
    try:
        while (following := next(waiting, None)) is not None or attempts:
            if following is not None:
                attempts.add(asyncio.ensure_future(connect(following)))
            head_start = HEAD_START if following is not None else None
            ended, _ = await asyncio.wait(attempts, timeout=head_start, return_when=asyncio.FIRST_COMPLETED)
            for attempt in ended:
                lost = attempt.exception()
                attempts.discard(attempt)
                if lost is None:
                    return attempt.result()
                failure = lost
        raise failure
    finally:
        for attempt in attempts:
            attempt.add_done_callback(lambda late: drop_late(late, drop))
            attempt.cancel()


def drop_late(attempt: asyncio.Future[Connected], drop: Callable[[Connected], None]) -> None:
    if not attempt.cancelled() and attempt.exception() is None:
        drop(attempt.result())
