"""What keeps one caller or one backend from taking everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.config.loaded import Parsed
from gateway.config.models import Intent
from gateway.planner.audit.notes import Notes
from gateway.planner.backends import Backend
from gateway.planner.budget import Budgets
from gateway.planner.explain.requests import LOCAL, Requests
from gateway.planner.planned import Planned
from gateway.runtime.plan import CallOperation
from gateway.sdk import SourceConfig

LONGEST_DEADLINE = 30.0
"""Seconds."""

MOST_REQUESTS = 100
"""Of one step."""


def no_rate_limit(planned: Planned, notes: Notes) -> None:
    """GA201"""
    parsed = planned.loaded.gateway
    limited = any(policy.name == "rate_limits" for policy in planned.loaded.policies) or any(
        intent.model.limits is not None for intent in _intents(planned)
    )
    if parsed is not None and not limited:
        notes.add("GA201", "there is no policy `rate_limits`, and no intent has `limits`", parsed.document)


def no_breaker(planned: Planned, notes: Notes) -> None:
    """GA202"""
    for name, parsed, backend in _remote(planned):
        operations = getattr(parsed.model, "operations", {})
        if parsed.model.circuit_breaker is None and not _all_have(backend, operations, "circuit_breaker"):
            notes.add("GA202", f"source `{name}` has no `circuit_breaker`", parsed.document)


def default_timeout(planned: Planned, notes: Notes) -> None:
    """GA203"""
    for name, parsed, backend in _remote(planned):
        operations = getattr(parsed.model, "operations", {})
        if "timeout" not in parsed.document.data and not _all_have(backend, operations, "timeout"):
            message = f"source `{name}` has no `timeout`, so each call may take {parsed.model.timeout:g}s"
            notes.add("GA203", message, parsed.document)


def no_retry(planned: Planned, notes: Notes) -> None:
    """GA204, for sources that some step reads from."""
    for name, parsed, backend in _remote(planned):
        reads = sorted(_read_from(planned, name))
        if parsed.model.retry is None and reads and not _all_have(backend, reads, "retry"):
            notes.add("GA204", f"reads of source `{name}` have no `retry`", parsed.document)


def long_deadline(planned: Planned, notes: Notes) -> None:
    """GA205"""
    for parsed in _intents(planned):
        if parsed.model.mode == "sync" and parsed.model.deadline > LONGEST_DEADLINE:
            message = f"intent `{parsed.name}` may keep a caller waiting for {parsed.model.deadline:g}s"
            notes.add("GA205", message, parsed.document, ("deadline",))


def many_requests(planned: Planned, notes: Notes) -> None:
    """GA206, for steps with `foreach`, by the estimate that `explain` shows."""
    requests = Requests(planned, Budgets(planned))
    for parsed, intent in planned.sound_intents():
        for step in intent.steps:
            usual = requests.of_step(intent, step).usual if step.foreach is not None else 0
            if usual > MOST_REQUESTS:
                message = f"step `{step.id}` of `{intent.name}` may lead to {usual} requests to backends"
                notes.add("GA206", message, parsed.document, ("steps", step.id, "max_items"), key=True)


def _intents(planned: Planned) -> Iterator[Parsed[Intent]]:
    return (version for versions in planned.loaded.intents.values() for version in versions)


def _remote(planned: Planned) -> Iterator[tuple[str, Parsed[SourceConfig], Backend]]:
    """The sources that are something else than a part of the configuration or a file."""
    for name, parsed in planned.loaded.sources.items():
        backend = planned.backends.get(name)
        embedded = parsed.model.type in LOCAL or str(getattr(parsed.model, "url", "")).startswith("sqlite")
        if backend is not None and not embedded:
            yield name, parsed, backend


def _read_from(planned: Planned, source: str) -> set[str]:
    """The reads of a source that steps call."""
    calls = [step.action for intent in planned.intents.values() for step in intent.steps if isinstance(step.action, CallOperation)]
    return {call.operation.name for call in calls if call.operation.source == source and call.operation.effect == "read"}


def _all_have(backend: Backend, operations: Iterable[str], key: str) -> bool:
    names = list(operations)
    return bool(names) and all(getattr(backend.config(name), key) is not None for name in names)
