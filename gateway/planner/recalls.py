"""Caches of intents: whose the kept answers are, and what is in their keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import msgspec

from gateway.planner.owners import WIDTH, Owners
from gateway.planner.owners import Scope as Width
from gateway.planner.planned import Planned
from gateway.runtime.intent_cache import IntentCache
from gateway.runtime.plan import CallOperation, IntentPlan
from gateway.runtime.replay import barriers_of
from gateway.sdk import Operation, Reference
from gateway.sdk.sharing import Sharing

OF_ONE_REQUEST = (("ctx", "request_id"),)
"""What no two requests have in common."""

TIME: Reference = ("ctx", "time")
"""In no key: what is kept is as old as its `ttl` lets it be."""

VARYING = frozenset({"user", "tenant", "session", "ctx", "flags"})
"""Roots that may differ between requests with the same input. `config` is the same for all of one plan."""


class Read(msgspec.Struct, frozen=True):
    """All that may make one answer of an intent another than the next, besides its input: as `Sharing` wants to know it."""

    identity: frozenset[Reference]
    forwards: frozenset[str]


class Called(NamedTuple):
    """An operation that an intent may call, and the operations that take part in it."""

    id: str
    involved: tuple[Operation, ...]


def plan_caches(planned: Planned) -> dict[str, IntentCache]:
    """The caches that can be: of intents whose `cache` has a fault there is none, and rules tell of it."""
    owners = Owners(planned)
    found: dict[str, IntentCache] = {}
    for name, plan in planned.intents.items():
        config = planned.loaded.intents[name][-1].model.cache
        if config is None or plan.writes:
            continue
        called = tuple(operations(planned, plan))
        found[name] = IntentCache(
            intent=plan,
            scope=scope_of(owners, plan, config.scope),
            sharing=Sharing(read(plan, called)),
            barriers=barriers_of(plan),
            fresh=float(config.ttl),
            while_revalidate=float(config.stale_while_revalidate or 0.0),
            if_error=float(config.stale_if_error or 0.0),
            negative=float(config.negative or 0.0),
            members=plan.cache_key,
            tags=plan.cache_tags,
            involved=_involved(called),
        )
    return found


def scope_of(owners: Owners, plan: IntentPlan, written: Width | None) -> Width:
    """As wide as is written, the tenant where nothing is; never wider than the answer is good for."""
    bound = owners.of_intent(plan).scope
    return min(written or "tenant", bound, key=WIDTH.__getitem__)


def read(plan: IntentPlan, called: tuple[Called, ...]) -> Read:
    """By the intent, its sub-intents, and the operations that any of them may call."""
    sent = (operation for each in called for operation in each.involved)
    own = chain.from_iterable(intent.reads for intent in within(plan))
    parts = [(operation.identity, operation.forwards) for operation in sent]
    references = chain(own, *(identity for identity, _ in parts))
    return Read(
        frozenset(reference for reference in references if reference[0] in VARYING and reference != TIME),
        frozenset(chain.from_iterable(headers for _, headers in parts)),
    )


def within(plan: IntentPlan) -> Iterator[IntentPlan]:
    """The intent and its sub-intents, each once."""
    return (barriers.intent for barriers in barriers_of(plan).values())


def operations(planned: Planned, plan: IntentPlan) -> Iterator[Called]:
    """Every operation that it may call, by a rung or a sub-intent too, each once."""
    seen = set()
    for intent in within(plan):
        for step in intent.steps:
            for call in (step.action, *(rung.call for rung in step.ladder)):
                if isinstance(call, CallOperation) and call.operation.id not in seen:
                    seen.add(call.operation.id)
                    backend = planned.backends.get(call.operation.source)
                    yield Called(call.operation.id, () if backend is None else tuple(backend.involved(call.operation.name)))


def involved_in(planned: Planned, plan: IntentPlan) -> dict[str, tuple[str, ...]]:
    """Every operation that it may call, and those that take part in each."""
    return _involved(tuple(operations(planned, plan)))


def _involved(called: tuple[Called, ...]) -> dict[str, tuple[str, ...]]:
    return {each.id: _ids(each) for each in called}


def _ids(called: Called) -> tuple[str, ...]:
    source = called.id.partition(".")[0]
    return tuple(f"{source}.{operation.name}" for operation in called.involved)
