"""The end of a process that serves: nothing that was accepted is lost, as long as it is over in time.

    readiness off → a moment, in which load balancers notice → no new connections → the rest is answered → what is left is told so

From the beginning each answer is the last one of its connection (`Connection: close`, RFC 9112 §9.6).
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from gateway.server.listener import Listener

MOMENT = 0.1
"""The part of the time for the end in which new connections are still accepted, where an orchestrator asked for it."""

BRIEF = 0.1
"""Seconds of the same where a person asked for it: requests that are on their way arrive."""

SILENT = 1.0
"""Seconds in which a new connection should have sent something, before it is closed as an idle one."""

LOOK = 0.02
"""Seconds between two looks at what is left."""


class Ending:
    """Whether a process should end, and how."""

    def __init__(self, asked: asyncio.Event | None = None) -> None:
        """`asked` is set when it should; who sets it from outside asks for an end without a moment for load balancers."""
        self.asked = asked or asyncio.Event()
        self.at_once = asyncio.Event()
        self.announced = False

    def ask(self, *, announced: bool) -> None:
        """Asks for an end; `announced` gives load balancers a moment to notice."""
        if not self.asked.is_set():
            self.announced = announced
            self.asked.set()

    def hurry(self) -> None:
        """Waits for nobody any more."""
        self.asked.set()
        self.at_once.set()

    def signalled(self, number: int) -> None:
        """SIGTERM comes from an orchestrator, SIGINT from a person, who asks twice where it should be at once."""
        if number == signal.SIGINT and self.asked.is_set():
            self.hurry()
        else:
            self.ask(announced=number == signal.SIGTERM)


async def drain(public: Listener, admin: Listener, ending: Ending, seconds: float) -> None:
    """Ends both, the operators' last. `seconds` are for all of it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    public.retire()
    admin.retire()
    if ending.announced:
        await _pause(seconds * MOMENT, ending)
    elif public.busy:
        await _pause(min(BRIEF, seconds), ending)
    public.refuse()
    await _emptied(public, ending, until)
    await public.end()
    admin.refuse()
    await _emptied(admin, ending, until)
    await admin.end()


async def _emptied(listener: Listener, ending: Ending, until: float) -> None:
    """Returns when nothing is left, or nobody should be waited for any more."""
    loop = asyncio.get_running_loop()
    silent_from = loop.time() + SILENT
    while not ending.at_once.is_set():
        listener.close_idle(silent=loop.time() >= silent_from)
        left = until - loop.time()
        if left <= 0 or not listener.busy:
            return
        await _pause(min(LOOK, left), ending)


async def _pause(seconds: float, ending: Ending) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await ending.at_once.wait()
