"""Single flight: of equal calls that are under way at the same time one is made, in a task of its own.

Who asks waits for it until his own deadline. A caller that is cancelled leaves, and nobody else notices; the last one who leaves cancels
the work. The work has as much time as the most patient of those who wait: where an impatient one's deadline cut it short, it begins anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from gateway.sdk import Call, Clock, GatewayError, Timeout, Unavailable

Outcome = TypeVar("Outcome")

_logger = logging.getLogger("gateway.single_flight")


class _Flight(Generic[Outcome]):
    """A call under way. `waiters` are those who wait, each with the timer of its deadline, or None while the work has no more time than
    that: `patient` are these, with their deadlines. An `unattended` one goes on without anybody."""

    __slots__ = ("call", "over", "patient", "task", "timeout", "unattended", "waiters")

    task: asyncio.Task[None]

    def __init__(self, call: Call, *, unattended: bool) -> None:
        self.call = call
        self.timeout = call.timeout
        self.unattended = unattended
        self.over = False
        self.waiters: dict[asyncio.Future[Outcome], asyncio.TimerHandle | None] = {}
        self.patient: list[asyncio.Future[Outcome]] = []

    def join(self, call: Call, now: float) -> asyncio.Future[Outcome]:
        """One more who waits, until its own deadline; the work gets that much time too."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Outcome] = loop.create_future()
        own = self.call
        if call.deadline < own.deadline:
            self.waiters[waiter] = loop.call_later(call.deadline - now, _expire, waiter)
            return waiter
        if call.deadline > own.deadline:
            for other in self.patient:
                if other in self.waiters:
                    self.waiters[other] = loop.call_later(own.deadline - now, _expire, other)
            self.patient = []
            own.deadline = call.deadline  # seen by whatever the work tries next
        self.waiters[waiter] = None
        self.patient.append(waiter)
        self.timeout = max(self.timeout, call.timeout)
        return waiter

    def end(self, outcome: Outcome | None, error: Exception | None = None) -> None:
        """Tells all who wait."""
        self.over = True
        for waiter, timer in self.waiters.items():
            if timer is not None:
                timer.cancel()
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(outcome)  # type: ignore[arg-type]  # without an error there is an outcome
            else:
                waiter.set_exception(error)
                waiter.exception()  # looked at, in case it is cancelled before it can


class SingleFlight(Generic[Outcome]):
    """The calls of one operation that are under way, by key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._flights: dict[Hashable, _Flight[Outcome]] = {}
        self._ending: set[_Flight[Outcome]] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._flights

    def __len__(self) -> int:
        return len(self._flights) + len(self._ending)

    async def fly(self, key: Hashable, call: Call, work: Callable[[Call], Awaitable[Outcome]]) -> Outcome:
        """The outcome of `work`, or of an equal call that is already under way. Raises `Timeout` at the call's deadline."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._launch(key, call, work, unattended=False)
            waiter: asyncio.Future[Outcome] = flight.task.get_loop().create_future()
            flight.waiters[waiter] = None
            flight.patient.append(waiter)
        else:
            now = self._clock.monotonic()
            if call.deadline <= now:
                raise Timeout
            waiter = flight.join(call, now)
        try:
            return await waiter
        finally:
            if not flight.over:
                self._leave(key, flight, waiter)

    def send(self, key: Hashable, call: Call, work: Callable[[Call], Awaitable[Outcome]]) -> None:
        """Has `work` done in the background, unless it is under way already; who asks meanwhile waits for it."""
        if key not in self._flights:
            self._launch(key, call, work, unattended=True)

    async def close(self) -> None:
        """Ends whatever is under way."""
        tasks = [flight.task for flight in (*self._flights.values(), *self._ending)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for key, flight in list(self._flights.items()):
            self._end(key, flight, None, Unavailable())  # it had not begun yet, and could not tell

    def _launch(self, key: Hashable, call: Call, work: Callable[[Call], Awaitable[Outcome]], *, unattended: bool) -> _Flight[Outcome]:
        flight: _Flight[Outcome] = _Flight(call, unattended=unattended)
        self._flights[key] = flight
        flight.task = asyncio.get_running_loop().create_task(self._lead(key, flight, work))
        return flight

    def _leave(self, key: Hashable, flight: _Flight[Outcome], waiter: asyncio.Future[Outcome]) -> None:
        timer = flight.waiters.pop(waiter, None)
        if timer is not None:
            timer.cancel()
        if not flight.waiters and not flight.unattended and self._flights.get(key) is flight:
            del self._flights[key]
            self._ending.add(flight)
            flight.task.cancel()

    async def _lead(self, key: Hashable, flight: _Flight[Outcome], work: Callable[[Call], Awaitable[Outcome]]) -> None:
        """The border of a task of its own: whatever happens, all who wait hear of it."""
        again = True
        while again:
            again = False
            began, given = self._clock.monotonic(), flight.call.deadline
            try:
                outcome = await work(flight.call)
            except Timeout as error:
                again = self._goes_on(flight, given, began)
                if not again:
                    self._end(key, flight, None, error)
            except asyncio.CancelledError:
                self._end(key, flight, None, Unavailable())
                raise
            except Exception as error:  # a background task has no other caller to tell
                if not flight.waiters and not isinstance(error, GatewayError):
                    _logger.exception("a call in the background failed")
                self._end(key, flight, None, error)
            else:
                self._end(key, flight, outcome)

    def _goes_on(self, flight: _Flight[Outcome], given: float, began: float) -> bool:
        """Whether it was only the deadline of some who wait that cut the work short, and others have time left: it then begins anew."""
        call = flight.call
        cut_short = given - began < call.timeout or flight.timeout > call.timeout
        if not cut_short or call.deadline <= max(given, self._clock.monotonic()):
            return False
        flight.call = call.replace(deadline=call.deadline)
        flight.call.timeout = flight.timeout
        return True

    def _end(self, key: Hashable, flight: _Flight[Outcome], outcome: Outcome | None, error: Exception | None = None) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        else:
            self._ending.discard(flight)
        flight.end(outcome, error)


def _expire(waiter: asyncio.Future[Outcome]) -> None:
    if not waiter.done():
        waiter.set_exception(Timeout())
        waiter.exception()  # looked at, in case it is cancelled before it can
