"""Interceptor `once`: a write of a request with an idempotency key is sent only once the request's record is durable."""

from __future__ import annotations

from gateway.runtime.claim import NOTE, Claim
from gateway.sdk import Binding, Call, CallHandler, Component, Model, Result, Services


class KeyedWritesConfig(Model, frozen=True):
    """Nothing to set."""


class KeyedWrites:
    """Round everything that is done for a write. Raises `Withheld` in place of one that must not be sent."""

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        claim = call.context.notes.get(NOTE)
        if not isinstance(claim, Claim):
            return await proceed(call)
        await claim.make()
        return await claim.send(proceed, call)


def build(binding: Binding, services: Services) -> KeyedWrites | None:
    """In the chains of writes."""
    del services
    return KeyedWrites() if binding.operation.effect == "write" else None


component = Component(
    kind="interceptor",
    name="once",
    Config=KeyedWritesConfig,
    build=build,
    summary="Records a keyed request before its first write is sent.",
    example="idempotency_key: [input.order_id]",
)
