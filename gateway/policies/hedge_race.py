"""One read and the equal ones that are sent beside it: the first answer ends them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.sdk import (
    BadResponse,
    Binding,
    Call,
    CallHandler,
    CircuitOpen,
    Counter,
    GatewayError,
    Overloaded,
    Result,
    Services,
    Timeout,
    Unavailable,
)

NO_ANSWER = (Unavailable, Timeout, BadResponse, CircuitOpen, Overloaded)
OF_ONE_SERVER = frozenset({408, 429})
"""Statuses below 500 that say something of the server that was asked, and nothing of what was asked for."""


class Told:
    """The counters of hedges by outcome. `denied` are those that the budget had nothing for; what the caller abandons is `lost`."""

    __slots__ = ("denied", "lost", "won")

    def __init__(self, binding: Binding, services: Services) -> None:
        source, _, operation = binding.id.partition(".")

        def counter(outcome: str) -> Counter:
            text = "Reads that were sent beside a slow one."
            return services.metrics.counter("gateway_hedges_total", text, source=source, operation=operation, outcome=outcome)

        self.won, self.lost, self.denied = counter("won"), counter("lost"), counter("denied")


class Race:
    """Runs one call, and begins another each time that `delay` seconds have passed without an answer, `most` times.

    `begin` gives a further call that is under way, or None where there is to be none. The first call runs in the task that runs the race:
    a hedge that wins cancels what that task waits for, in the way of `asyncio.timeout`, and the cancellation ends here.
    """

    __slots__ = ("_begin", "_decided", "_delay", "_left", "_loop", "_over", "_task", "_timer", "_told", "_torn", "_under_way", "_winner")

    def __init__(self, begin: Callable[[], asyncio.Future[Result] | None], *, delay: float, most: int, told: Told) -> None:
        self._begin = begin
        self._delay = delay
        self._left = most
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._under_way: set[asyncio.Future[Result]] = set()
        self._winner: asyncio.Future[Result] | None = None
        self._decided: asyncio.Future[None] | None = None
        self._torn = self._over = False
        self._timer = self._loop.call_later(delay, self._hedge)

    async def run(self, proceed: CallHandler, call: Call) -> Result:
        """The first answer; where there is none, the first call's error. Leaves no call under way behind that is not cancelled."""
        assert self._task is not None  # noqa: S101 - a coroutine only ever runs in a task
        cancelled_before = self._task.cancelling()
        try:
            return await self._first(proceed, call)
        except (asyncio.CancelledError, GatewayError):
            if not self._torn:
                raise
        finally:
            self._end()
            if self._torn:
                self._task.uncancel()
        if self._task.cancelling() > cancelled_before:
            raise asyncio.CancelledError
        return self._answer()

    async def _first(self, proceed: CallHandler, call: Call) -> Result:
        try:
            return await proceed(call)
        except GatewayError as error:
            if self._torn or not self._under_way or is_answer(error):
                raise
            failure = error
        self._timer.cancel()
        self._decided = self._loop.create_future()
        await self._decided
        if self._winner is None:
            raise failure
        return self._answer()

    def _hedge(self) -> None:
        hedge = self._begin()
        if hedge is None:
            return
        self._under_way.add(hedge)
        hedge.add_done_callback(self._ended)
        self._left -= 1
        if self._left:
            self._timer = self._loop.call_later(self._delay, self._hedge)

    def _ended(self, hedge: asyncio.Future[Result]) -> None:
        self._under_way.discard(hedge)
        error = None if hedge.cancelled() else hedge.exception()
        if self._over:
            return
        if self._winner is not None or hedge.cancelled() or (error is not None and not is_answer(error)):
            self._told.lost.inc()
            if self._decided is not None and not self._under_way:
                self._decide(self._decided)
            return
        self._told.won.inc()
        self._winner = hedge
        self._timer.cancel()
        if self._decided is not None:
            self._decide(self._decided)
        elif self._task is not None:
            self._torn = True
            self._task.cancel()

    def _answer(self) -> Result:
        assert self._winner is not None  # noqa: S101 - only asked for where one has won
        return self._winner.result()

    def _decide(self, decided: asyncio.Future[None]) -> None:
        if not decided.done():
            decided.set_result(None)

    def _end(self) -> None:
        self._over = True
        self._timer.cancel()
        for hedge in self._under_way:
            self._told.lost.inc()
            hedge.cancel()


def is_answer(error: BaseException) -> bool:
    """Whether an error is what any server would answer: a business error, or a fault that another call would not mend."""
    if not isinstance(error, GatewayError):
        return True
    status = error.status_code
    return not isinstance(error, NO_ANSWER) and (status is None or (status < 500 and status not in OF_ONE_SERVER))
