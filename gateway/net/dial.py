"""From the addresses of a server to a connection, by whichever answers first (RFC 8305)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

HEAD_START = 0.25
"""How long, in seconds, one address is tried before the next one is tried too (RFC 8305 §8)."""

MOST_PATIENT = 1.0
"""The longest, in seconds, that connecting to one server may take where another could be asked instead."""

Connected = TypeVar("Connected")


async def dial(addresses: Sequence[str], connect: Callable[[str], Awaitable[Connected]], drop: Callable[[Connected], None]) -> Connected:
    """What `connect(address)` gives for the first address that answers; one that came too late is given to `drop`.

    Raises OSError where no address answers.
    """
    if len(addresses) == 1:
        return await connect(addresses[0])
    return await race(addresses, connect, drop)


def patience(left: float, *, others: bool) -> float:
    """How long, in seconds, connecting may take of the time that is `left`; with `others` there is someone else to ask."""
    return min(MOST_PATIENT, left / 2) if others else left


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
