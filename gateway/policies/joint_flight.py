"""Single flight among several callers: what a backend says is for one caller alone (`private`, `Set-Cookie`) is given to no other.

That is known when the answer has come. Whoever waited for it and is somebody else then asks anew, together with nobody but themselves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from gateway.policies.freshness import for_one_caller
from gateway.policies.single_flight import SingleFlight
from gateway.sdk import Call, Clock, Course, GatewayError, Response

Outcome = TypeVar("Outcome")
Work = Callable[[Call], Awaitable[Outcome]]


class Landed(NamedTuple, Generic[Outcome]):
    """What a flight ended with, and on which course; `alone` is whose it is where it is for one caller alone."""

    alone: tuple[str, ...] | None
    outcome: Outcome | GatewayError
    course: Course


class JointFlight(Generic[Outcome]):
    """The calls of one operation that are under way, by key. `response` gives what the backend sent for an outcome."""

    def __init__(self, clock: Clock, response: Callable[[Outcome], Response]) -> None:
        self._flights: SingleFlight[Landed[Outcome]] = SingleFlight(clock)
        self._response = response

    def __contains__(self, key: Hashable) -> bool:
        return key in self._flights

    def __len__(self) -> int:
        return len(self._flights)

    async def fly(self, key: Hashable, call: Call, work: Work[Outcome]) -> Outcome:
        """See `SingleFlight.fly`."""
        landed = await self._flights.fly(key, call, partial(self._lead, work))
        own = call.context.identity
        if landed.alone is not None and landed.alone != own:
            landed = await self._flights.fly((own, key), call, partial(self._lead, work))
        if isinstance(landed.outcome, GatewayError):
            raise landed.outcome
        if landed.course is not call.course:
            call.course.follow(landed.course)
        return landed.outcome

    def send(self, key: Hashable, call: Call, work: Work[Outcome]) -> None:
        """See `SingleFlight.send`."""
        self._flights.send(key, call, partial(self._lead, work))

    async def close(self) -> None:
        """Ends whatever is under way."""
        await self._flights.close()

    async def _lead(self, work: Work[Outcome], call: Call) -> Landed[Outcome]:
        own = call.context.identity
        try:
            outcome = await work(call)
        except GatewayError as error:
            if not error.private:
                raise
            return Landed(own, error, call.course)
        return Landed(own if for_one_caller(self._response(outcome).headers) else None, outcome, call.course)
