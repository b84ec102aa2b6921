"""Stage `recall`: answers of intents with `cache` are kept whole, and given again without running their steps (language §4).

    fresh                                   given at once
    stale, within `stale_while_revalidate`  given at once, while the steps run once in the background, as the same caller
    failed for its backends, within
    `stale_if_error`                        given in place of the failure
    `not_found`, within `negative`          fails again at once

Whoever is given it, its guards and its ensures are asked anew, its reply is made anew and masks hide what that caller may not see. Equal
requests that find nothing become one run. Only `complete` answers of level `full` are kept; one of which a backend says that it is for one
caller alone (`private`, `no-store`, `Set-Cookie`) only where no other can be given it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.runtime.intent_cache import IntentCache
from gateway.runtime.kept_intent import Counters, KeptIntent
from gateway.sdk import Answer, Component, Exchange, Handler, Metrics, Model, Services


class RecallConfig(Model, frozen=True):
    """The caches by intent, made from the intents; `revision` differs where anything else is configured."""

    caches: Any = None
    revision: bytes = b""


class Recall:
    """Gives what is kept of intents with a cache; all others pass."""

    def __init__(self, kept: Mapping[str, KeptIntent]) -> None:
        self._kept = kept

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        kept = None if exchange.chosen is None else self._kept.get(exchange.chosen.name)
        return await (proceed(exchange) if kept is None else kept.answer(exchange, proceed))

    async def close(self) -> None:
        """Ends what is under way."""
        for kept in self._kept.values():
            await kept.close()


def counters(intent: str, metrics: Metrics) -> Counters:
    """An intent is told of as an operation of a source `intent`, as in `call: intent.name`."""
    names = {"source": "intent", "operation": intent}
    hit, stale, miss, negative, bypass = (
        metrics.counter("gateway_cache_requests_total", "Calls of operations with a cache, by what it had.", **names, result=result)
        for result in ("hit", "stale", "miss", "negative", "bypass")
    )
    failures = metrics.counter("gateway_cache_refresh_failures_total", "Refreshes in the background that failed.", **names)
    return Counters(hit, stale, miss, negative, bypass, failures)


def build(config: RecallConfig, services: Services) -> Recall | None:
    """In the chain where an intent has a cache."""
    caches: Mapping[str, IntentCache] = config.caches or {}
    if not caches:
        return None
    recall = Recall(
        {
            name: KeptIntent(
                cache,
                services.answers.shelf(f"intent.{name}", cache.form, config.revision),
                counters(name, services.metrics),
                services,
            )
            for name, cache in caches.items()
        }
    )
    services.at_close(recall.close)
    return recall


component = Component(
    kind="stage",
    name="recall",
    phase="recall",
    Config=RecallConfig,
    build=build,
    summary="Kept answers of intents.",
    example="cache: {ttl: 30s, stale_if_error: 10m, tags: [orders]}",
)
