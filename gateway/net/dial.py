"""From a host name to a connected socket, by whichever of its addresses answers first (RFC 8305)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from itertools import chain, zip_longest

from gateway.net.server import Address, Server

HEAD_START = 0.25
"""How long, in seconds, one address is tried before the next one is tried too (RFC 8305 §8)."""


async def dial(server: Server) -> socket.socket:
    """A connected, non-blocking socket. Raises OSError (gaierror for the name) where no address answers.

    Cancelling it closes every socket it opened.
    """
    literal = server.literal
    addresses = [literal] if literal else await resolve(server.host, server.port)
    if len(addresses) == 1:
        return await connect(addresses[0])
    return await race(addresses)


async def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a name, in the system's order, the two families taking turns. Asked outside of the event loop."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return take_turns((family, address) for family, _, _, _, address in found)


def take_turns(addresses: Iterable[Address]) -> list[Address]:
    families: dict[int, list[Address]] = {}
    for address in addresses:
        families.setdefault(address[0], []).append(address)
    return [address for address in chain.from_iterable(zip_longest(*families.values())) if address is not None]


async def connect(address: Address) -> socket.socket:
    family, target = address
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(opened, target)
    except BaseException:
        opened.close()
        raise
    return opened


async def race(addresses: list[Address]) -> socket.socket:
    """Tries one address after the other, each with a head start, and keeps the first that connects."""
    attempts: set[asyncio.Task[socket.socket]] = set()
    failure: BaseException = OSError("no address")
    waiting = iter(addresses)
    try:
        while (following := next(waiting, None)) is not None or attempts:
            if following is not None:
                attempts.add(asyncio.ensure_future(connect(following)))
            head_start = HEAD_START if following is not None else None
            ended, _ = await asyncio.wait(attempts, timeout=head_start, return_when=asyncio.FIRST_COMPLETED)
            for attempt in ended:
                attempts.discard(attempt)
                lost = attempt.exception()
                if lost is None:
                    attempts.update(ended - {attempt})
                    return attempt.result()
                failure = lost
        raise failure
    finally:
        for attempt in attempts:
            attempt.add_done_callback(close_socket)
            attempt.cancel()


def close_socket(attempt: asyncio.Task[socket.socket]) -> None:
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
