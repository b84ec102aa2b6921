"""Interceptor `coalesce`: equal reads that are under way at the same time become one (single flight).

The first caller leads and calls in its own task; others wait for its result. A leader that is cancelled or runs out of its own
time ends nobody else's wait: a follower with time left leads anew. So the last to be cancelled cancels the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from gateway.sdk import Binding, Call, CallHandler, Clock, Component, GatewayError, Model, Result, Services, Timeout
from gateway.sdk.sharing import Sharing, canonical


class CoalesceConfig(Model, frozen=True):
    """Nothing to set: every read is coalesced, no write ever is."""


class _Abandoned(Exception):
    """The leader left without a result that others could use."""


class _Flight:
    """A call under way; `landed` exists once somebody waits for it."""

    __slots__ = ("landed",)

    def __init__(self) -> None:
        self.landed: asyncio.Future[Result] | None = None

    def land(self, result: Result) -> None:
        if self.landed is not None and not self.landed.done():
            self.landed.set_result(result)

    def fail(self, error: Exception) -> None:
        if self.landed is not None and not self.landed.done():
            self.landed.set_exception(error)
            self.landed.exception()  # looked at, in case every follower is gone


class Coalesce:
    """Single flight for one read operation."""

    def __init__(self, sharing: Sharing, clock: Clock) -> None:
        self._sharing = sharing
        self._clock = clock
        self._flights: dict[Hashable, _Flight] = {}

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        key = (self._sharing.key(call.context), canonical(call.arguments))
        while (flight := self._flights.get(key)) is not None:
            try:
                return await self._follow(flight, call)
            except _Abandoned:
                continue
        flight = self._flights[key] = _Flight()
        try:
            result = await proceed(call)
        except Timeout:
            flight.fail(_Abandoned())
            raise
        except GatewayError as error:
            flight.fail(error)
            raise
        except BaseException:
            flight.fail(_Abandoned())
            raise
        finally:
            del self._flights[key]
        flight.land(result)
        return result

    async def _follow(self, flight: _Flight, call: Call) -> Result:
        if flight.landed is None:
            flight.landed = asyncio.get_running_loop().create_future()
        left = call.deadline - self._clock.monotonic()
        if left <= 0:
            raise Timeout
        try:
            async with asyncio.timeout(left):
                return await asyncio.shield(flight.landed)
        except TimeoutError:
            raise Timeout from None


def build(binding: Binding, services: Services) -> Coalesce | None:
    """Reads only."""
    if binding.operation.effect == "write":
        return None
    return Coalesce(Sharing(*binding.involved), services.clock)


component = Component(
    kind="interceptor",
    name="coalesce",
    Config=CoalesceConfig,
    build=build,
    summary="Equal reads under way at the same time become one backend call.",
    example="effect: read",
)
