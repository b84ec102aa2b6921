"""Serving an application: two listeners in one event loop, until a signal or whoever supervises asks for an end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from gateway.server.application import Application
from gateway.server.channel import Stage
from gateway.server.drain import Ending, drain
from gateway.server.listener import AT_ONCE, Listener
from gateway.server.protocol import BoundedProtocol
from gateway.server.sockets import BACKLOG, Listeners
from gateway.server.tls import ListenerTls

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept; longer than load balancers keep theirs, so that they are the ones to close."""

COLLECTED = (20_000, 20, 50)
"""How many new objects the collector of circles waits for, and how many of its rounds before it looks at older ones."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Seat(Protocol):
    """The place of a worker among others."""

    @property
    def signals(self) -> tuple[signal.Signals, ...]:
        """Those that ask it for its end."""

    def room(self) -> int:
        """How many connections it may take before others have had their chance."""

    def counted(self, connections: int) -> None:
        """Called whenever the number of its connections changes."""

    def sit(self, application: Application, ending: Ending) -> contextlib.AbstractContextManager[None]:
        """Round all that it does in its event loop."""

    def stage(self, name: Stage) -> None:
        """Tells how far it is."""


class OnlySeat:
    """That of a process which is alone."""

    signals = SIGNALS

    def room(self) -> int:
        """Everything is its own."""
        return AT_ONCE

    def counted(self, connections: int) -> None:
        """Nobody asks."""

    def sit(self, application: Application, ending: Ending) -> contextlib.AbstractContextManager[None]:
        """Nothing to do."""
        del application, ending
        return contextlib.nullcontext()

    def stage(self, name: Stage) -> None:
        """Nobody asks."""


def run(application: Application, listeners: Listeners, *, on_started: Callable[[], None] = lambda: None, seat: Seat | None = None) -> None:
    """Serves until a signal asks for an end, in an event loop of its own (uvloop where it is installed)."""
    freeze()
    loop_factory = make_config(application.asgi).get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(serve(application, listeners, on_started=on_started, seat=seat))


def freeze() -> None:
    """What was loaded stays, and the collector need not look at it. Nor at each few hundred objects that requests make: nearly all of them
    go by themselves, and looking took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)


async def serve(
    application: Application,
    listeners: Listeners,
    *,
    stop: asyncio.Event | None = None,
    on_started: Callable[[], None] = lambda: None,
    seat: Seat | None = None,
) -> None:
    """Serves until `stop` is set, or SIGINT or SIGTERM where this is the main thread; a second SIGINT doesn't wait for anybody.

    Sources are started before the first request is read and closed after the last answer; the sockets are closed.
    Raises `UnusableTls` where the certificate's files can't be used any more.
    """
    seat = seat or OnlySeat()
    ending = Ending(stop)
    server = application.plan.server
    tls = ListenerTls(server.tls) if server.tls is not None else None
    context = tls.context if tls is not None else None

    def room() -> int:
        return min(seat.room(), application.front.welcome(AT_ONCE))

    public = Listener(make_config(application.asgi), listeners.public, tls=context, room=room, counted=seat.counted)
    admin = Listener(make_config(application.admin_asgi), listeners.admin)
    watching: asyncio.Task[None] | None = None
    try:
        with _signals(ending, seat.signals), seat.sit(application, ending):
            await application.startup()
            public.open()
            admin.open()
            watching = asyncio.get_running_loop().create_task(tls.watch()) if tls is not None else None
            seat.stage("serving")
            on_started()
            await ending.asked.wait()
            seat.stage("draining")
            application.retire()
            await drain(public, admin, ending, server.drain)
    finally:
        if watching is not None:
            watching.cancel()
        await public.end()
        await admin.end()
        listeners.close()
        await application.shutdown()


def make_config(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn's protocol serves an application: nothing is read from outside, no header tells what serves."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE,
    )


@contextlib.contextmanager
def _signals(ending: Ending, numbers: tuple[signal.Signals, ...]) -> Iterator[None]:
    """Has `ending` told of signals, as long as it lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        signal.signal(number, lambda received, _: loop.call_soon_threadsafe(ending.signalled, received))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
