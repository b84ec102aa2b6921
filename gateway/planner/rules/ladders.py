"""Rungs that no failure leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import UNSET

from gateway.config.models import Rung, Step
from gateway.planner.backends import Backends
from gateway.planner.planned import Planned
from gateway.planner.rules.budgets import seconds
from gateway.sdk import Path


class _Unreached(NamedTuple):
    number: int
    key: str
    whole: bool
    message: str
    hint: str


def check_ladders(planned: Planned) -> None:
    """GW306. A `return` is taken to succeed; a rung that calls may fail, and what stands behind it is tried."""
    for parsed, _ in planned.sound_intents():
        for name, step in parsed.model.steps.items():
            for found in (*_behind(step.fallback or ()), *_stale(step, planned.backends)):
                path: Path = ("steps", name, "fallback", found.number, found.key)
                planned.findings.report(parsed.document, "GW306", found.message, path, key=found.whole, hint=found.hint, severity="warning")


def _behind(rungs: Sequence[Rung]) -> Iterator[_Unreached]:
    answered: set[str] = set()
    for number, rung in enumerate(rungs):
        condition = None if rung.when is None else "".join(rung.when.split())
        if condition in answered:
            yield _Unreached(number, "when", False, "a rung above answers on the same condition", "take one of the two out")
        if rung.return_ is UNSET:
            continue
        if condition is None and number + 1 < len(rungs):
            message = "the rung above always answers, so this one is never reached"
            yield _Unreached(number + 1, _action(rungs[number + 1]), True, message, "move it up, or take it out")
            return
        if condition is not None:
            answered.add(condition)


def _stale(step: Step, backends: Backends) -> Iterator[_Unreached]:
    """A stale value is only there where the operation keeps one that long (language §4); a sub-intent's steps have ladders of their own."""
    if step.call is None:
        return
    source, _, name = step.call.partition(".")
    backend = backends.get(source)
    if backend is None and source != "intent":  # it is told elsewhere what is wrong with that source
        return
    cache = None if backend is None else backend.config(name).cache
    kept = 0.0 if cache is None or cache.stale_if_error is None else cache.stale_if_error
    for number, rung in enumerate(step.fallback or ()):
        if rung.stale is not None and rung.stale > kept:
            message = f"`{step.call}` keeps nothing for {seconds(rung.stale)}, so this rung never applies"
            hint = f"give the operation a `cache` with `stale_if_error: {seconds(rung.stale)}`"
            if step.call.startswith("intent."):
                message, hint = (
                    "a sub-intent keeps nothing for this rung, so it never applies",
                    "give the rung to the step that calls a backend",
                )
            yield _Unreached(number, "stale", False, message, hint)


def _action(rung: Rung) -> str:
    return "call" if rung.call is not None else "stale" if rung.stale is not None else "return"
