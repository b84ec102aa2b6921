"""Interceptor `coalesce`: equal reads that are under way at the same time become one (single flight).

An operation with a cache does so by itself, under the key of the cache.
"""

from __future__ import annotations

from gateway.policies.joint_flight import JointFlight
from gateway.sdk import Binding, Call, CallHandler, Clock, Component, Model, Result, Services
from gateway.sdk.sharing import Sharing, canonical


class CoalesceConfig(Model, frozen=True):
    """Nothing to set: every read is coalesced, no write ever is."""


class Coalesce:
    """Single flight for one read operation."""

    def __init__(self, sharing: Sharing, clock: Clock) -> None:
        self._sharing = sharing
        self._flights: JointFlight[Result] = JointFlight(clock, lambda result: result.response)

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        key = (self._sharing.key(call.context), canonical(call.arguments))
        return await self._flights.fly(key, call, proceed)

    async def close(self) -> None:
        """Ends calls under way."""
        await self._flights.close()


def build(binding: Binding, services: Services) -> Coalesce | None:
    """Reads only, and those without a cache."""
    if binding.operation.effect == "write" or binding.config.cache is not None:
        return None
    coalesce = Coalesce(Sharing(*binding.involved), services.clock)
    services.at_close(coalesce.close)
    return coalesce


component = Component(
    kind="interceptor",
    name="coalesce",
    Config=CoalesceConfig,
    build=build,
    summary="Equal reads under way at the same time become one backend call.",
    example="effect: read",
)
