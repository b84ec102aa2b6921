"""Caches that keep nothing: a step's that has nothing to narrow, and an operation's whose source tells no times."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from gateway.config.models import Step
from gateway.planner.planned import Planned
from gateway.planner.rules.budgets import seconds
from gateway.runtime.plan import CallOperation
from gateway.sdk import Path
from gateway.sdk.source_config import Cache

TIMES = ("ttl", "stale_while_revalidate", "stale_if_error")
OF_OPERATIONS = ("key", "negative", "tags")
"""What only an operation can say."""

WITHOUT_HEADERS = frozenset({"static", "sql"})


class _Found(NamedTuple):
    key: str | None
    message: str
    hint: str


def check_caches(planned: Planned) -> None:
    """GW304 of the `cache` of steps, GW308 of operations."""
    _check_operations(planned)
    for parsed, plan in planned.sound_intents():
        for step in plan.steps:
            if isinstance(step.action, CallOperation):
                operation = step.action.operation
                backend = planned.backends.get(operation.source)
                own = None if backend is None or not operation.keeps else backend.config(operation.name).cache
                for found in _faults(parsed.model.steps[step.id], own, operation.id):
                    path: Path = ("steps", step.id, "cache", *(() if found.key is None else (found.key,)))
                    planned.findings.report(parsed.document, "GW304", found.message, path, key=found.key not in TIMES, hint=found.hint)


def _check_operations(planned: Planned) -> None:
    for backend in planned.backends.all():
        document = backend.parsed.document
        if backend.parsed.model.type not in WITHOUT_HEADERS or planned.findings.failed_in(document):
            continue
        for name, config in backend.configs.items():
            if config.cache is not None and math.isnan(config.cache.ttl):
                message = f"a source of type `{backend.parsed.model.type}` tells nothing that `auto` could follow"
                path: Path = ("operations", name, "cache", "ttl")
                planned.findings.report(document, "GW308", message, path, hint="write a time such as `30s`", severity="warning")


def _faults(step: Step, own: Cache | None, operation: str) -> Iterator[_Found]:
    cache = step.cache
    if cache is None:
        return
    if own is None:
        yield _Found(None, f"`{operation}` keeps no answers, so there is nothing to narrow", "give the operation a `cache`, or take it out")
        return
    for name in OF_OPERATIONS:
        if getattr(cache, name):
            yield _Found(name, f"`{name}` is for `{operation}` to say, for all who call it", "take it out, or write it there")
    for name in TIMES:
        narrowed, whole = getattr(cache, name), getattr(own, name) or 0.0
        if narrowed is None or not narrowed > whole:  # `auto` is no number
            continue
        if whole:
            message = f"`{name}` may only narrow the operation's, which is {seconds(whole)}"
        else:
            message = f"`{operation}` has no `{name}` that this could narrow"
        yield _Found(name, message, "raise the operation's own, or take it out" if whole else "give it to the operation, or take it out")
