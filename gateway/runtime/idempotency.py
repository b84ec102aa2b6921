"""Stage `idempotency`: a request that writes and has an idempotency key is carried out once (`gateway.runtime.once` tells how).

The key is the request's `Idempotency-Key`, else the intent's `idempotency_key`; a request without either is carried out as often as it
comes. A key is its caller's own: another tenant, identity or intent has other records, and so has an anonymous caller at another address.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, get_args

from gateway.policies.journal import Journal
from gateway.runtime.once import Once, OncePlan, Result, Tools
from gateway.sdk import Answer, Component, Exchange, Handler, Model, Services
from gateway.sdk.idempotency import IdempotencyRows, KeepsIdempotency
from gateway.sdk.records import RecordsUnavailable


class IdempotencyConfig(Model, frozen=True):
    """The intents that write, by name, and the store of audit records, which keeps these records too."""

    intents: Any = None
    store: Any = None


class Idempotency:
    """Looks after intents that write; all others pass."""

    def __init__(self, intents: Mapping[str, Once]) -> None:
        self._intents = intents

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        once = None if exchange.chosen is None else self._intents.get(exchange.chosen.name)
        return await (proceed(exchange) if once is None else once.answer(exchange, proceed))


class NoPlace:
    """Stands for a store of audit records that can keep no others: requests with a key are refused, rather than carried out twice."""

    def rows(self, *, writing: bool) -> AbstractContextManager[IdempotencyRows]:
        """Raises `RecordsUnavailable`."""
        del writing
        raise RecordsUnavailable("this kind of store keeps no idempotency records")

    def is_there(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """There is nothing to close."""


def build(config: IdempotencyConfig, services: Services) -> Idempotency | None:
    """In the chain where an intent writes."""
    intents: Mapping[str, OncePlan] = config.intents or {}
    if not intents or config.store is None:
        return None
    store = config.store.idempotency() if isinstance(config.store, KeepsIdempotency) else NoPlace()
    journal = Journal(store, services.clock, services.logger)
    text = "Requests with an idempotency key, by what became of them."
    count = {result: services.metrics.counter("gateway_idempotency_total", text, result=result) for result in get_args(Result)}
    services.at_start(journal.start)
    services.at_close(journal.close)
    tools = Tools(journal, services.clock, count)
    return Idempotency({name: Once(plan, tools) for name, plan in intents.items()})


component = Component(
    kind="stage",
    name="idempotency",
    phase="recall",
    Config=IdempotencyConfig,
    build=build,
    summary="Carries a keyed request out once, and gives its answer again.",
    example="idempotency_key: [input.order_id, input.street]",
)
