"""Intents whose answers can't be kept as their `cache` says."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gateway.config.loaded import Parsed
from gateway.config.models import Intent
from gateway.planner.planned import Planned
from gateway.planner.recalls import OF_ONE_REQUEST, operations, within
from gateway.runtime.plan import IntentPlan
from gateway.sdk import NotFound, Reference


def check_kept_intents(planned: Planned) -> None:
    """GW534: no headers to follow, nobody who asks, an answer for one request alone, an absence that a denial would differ from."""
    for parsed, plan in planned.sound_intents():
        if parsed.model.cache is not None:
            _check(planned, parsed, plan)


def _check(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan) -> None:
    def report(message: str, *below: str, hint: str) -> None:
        planned.findings.report(parsed.document, "GW534", message, ("cache", *below), hint=hint, key=not below)

    cache = parsed.model.cache
    if cache is not None and math.isnan(cache.ttl):
        report("an intent has no headers that `auto` could follow", "ttl", hint="write how long its answers are good, as `30s`")
    if plan.access.internal:
        report("only requests are answered from it, and this intent is never asked by one", hint="give a cache to those who call it")
    for who in _who_reads(planned, plan):
        report(f"{who}: no other request could be given its answer", hint="take that out, or take out `cache`")
        break
    if cache is not None and cache.negative and (hidden := next(_hidden(plan), None)) is not None:
        report(
            f"`ensure` of `{hidden}` hides a denial behind `not_found`, which would take longer than one that is remembered",
            "negative",
            hint="take it out, or deny with `forbidden`",
        )


def _who_reads(planned: Planned, plan: IntentPlan) -> Iterator[str]:
    """What reads something that each request has another of."""
    for intent in within(plan):
        if (found := _of_one_request(intent.reads)) is not None:
            yield f"`{intent.name}` reads `{found}`"
    for called in operations(planned, plan):
        sent = frozenset(reference for operation in called.involved for reference in operation.identity)
        if (found := _of_one_request(sent)) is not None:
            yield f"`{called.id}` sends `{found}`"


def _of_one_request(references: frozenset[Reference]) -> str | None:
    """The first that is one of these, or holds one."""
    found = (each for each in references if any(each == whole[: len(each)] for whole in OF_ONE_REQUEST))
    return next((".".join(map(str, each)) for each in sorted(found, key=repr)), None)


def _hidden(plan: IntentPlan) -> Iterator[str]:
    """The steps whose denials look like an absent thing."""
    for intent in within(plan):
        for step in intent.steps:
            if any(check.deny is NotFound for check in step.ensures):
                yield step.id if intent is plan else f"{intent.name}.{step.id}"
