"""What may not be done with a write, or only with a key that tells a repetition from a second one (language §3, §4 "Keys")."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.loaded import Parsed
from gateway.config.models import Intent, Step
from gateway.planner.backends import Backend
from gateway.planner.idempotency import heeds_keys
from gateway.planner.planned import Planned
from gateway.runtime.plan import Action, CallIntent, CallOperation, IntentPlan, StepPlan
from gateway.sdk import Path

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that only read (RFC 9110 §9.2.1)."""


def check_keys(planned: Planned) -> None:
    """GW311: the first write of an intent that nothing gives a key to.

    A key is the caller's `Idempotency-Key`, else the intent's `idempotency_key`. An operation with `idempotency` heeds the caller's;
    without both nobody has thought of repetitions. A sub-intent writes with the key of the intent that calls it, so one
    that is internal is told of where it is called. What is published (`emit`) carries its own identity.
    """
    keyless = _Keyless(planned)
    for parsed, plan in planned.sound_intents():
        if parsed.model.idempotency_key is not None or plan.access.internal:
            continue
        path = keyless.first(plan)
        if path is not None:
            planned.findings.report(
                parsed.document, "GW311", "asked for twice, this is written twice: nothing gives the write a key", path,
                hint="give the intent an `idempotency_key`: expressions that are equal where the same write is meant",
                severity="warning",
            )  # fmt: skip


class _Keyless:
    """The first write of each intent that would need its key; looked for once, however many intents call it."""

    def __init__(self, planned: Planned) -> None:
        self._planned = planned
        self._known: dict[str, Path | None] = {}

    def first(self, plan: IntentPlan) -> Path | None:
        """Where it is called."""
        if plan.name not in self._known:
            self._known[plan.name] = next((path for path, call in self._calls(plan) if self._lacks_key(call)), None)
        return self._known[plan.name]

    def _calls(self, plan: IntentPlan) -> Iterator[tuple[Path, Action]]:
        steps = self._planned.loaded.intents[plan.name][-1].model.steps
        for step in plan.steps:
            at: Path = ("steps", step.id)
            if steps[step.id].call is not None:
                yield (*at, "call"), step.action
            yield from (((*at, "fallback", rung.number, "call"), rung.call) for rung in step.ladder if rung.call is not None)

    def _lacks_key(self, call: Action) -> bool:
        if isinstance(call, CallIntent):
            return self.first(call.intent) is not None
        return isinstance(call, CallOperation) and call.operation.effect == "write" and not heeds_keys(self._planned, call)


def check_operations(planned: Planned) -> None:
    """GW312 and GW313 of the operations that documents declare."""
    for backend in planned.backends.all():
        if planned.findings.failed_in(backend.parsed.document):
            continue
        queried = {config.batch.operation for config in backend.configs.values() if config.batch is not None}
        for name in backend.configs:
            _check_operation(planned, backend, name)
            if name not in queried:
                _check_method(planned, backend, name)


def _check_operation(planned: Planned, backend: Backend, name: str) -> None:
    operation, config = backend.operation(name), backend.configs[name]
    if operation is None or operation.effect != "write":
        return
    at: Path = ("operations", name)
    if config.cache is not None:
        _report(planned, backend.parsed, (*at, "cache"), "a write is never cached")
    if config.hedge is not None:
        _report(planned, backend.parsed, (*at, "hedge"), "a write is never sent twice to win time")
    if config.retry is not None and config.retry.max and config.idempotency is None:
        _report(planned, backend.parsed, (*at, "retry"), "a write is only tried again with a key", "add `idempotency`, or remove `retry`")


def _check_method(planned: Planned, backend: Backend, name: str) -> None:
    """One that pages, or that a `batch` asks, is a read beyond doubt."""
    bound, config = backend.source.operation(name), backend.configs[name]
    method = getattr(bound, "method", None)
    if method is None or method in SAFE_METHODS or config.effect != "read" or config.paginate is not None:
        return
    planned.findings.report(
        backend.parsed.document, "GW313", f"{method} mostly changes something, and this one is marked as a read",
        ("operations", name, "effect"), hint="write `effect: write`, unless the backend only looks something up", severity="warning",
    )  # fmt: skip


def check_intents(planned: Planned) -> None:
    """GW312 of steps and intents."""
    for parsed, plan in planned.sound_intents():
        if parsed.model.cache is not None and plan.writes:
            _report(planned, parsed, ("cache",), "this intent writes, and a write is never answered from a cache")
        for step in plan.steps:
            _check_step(planned, parsed, step, parsed.model.steps[step.id])


def _check_step(planned: Planned, parsed: Parsed[Intent], step: StepPlan, model: Step) -> None:
    at: Path = ("steps", step.id)
    if model.cache is not None and step.writes:
        _report(planned, parsed, (*at, "cache"), "a write is never cached")
    call = step.action
    if model.retry is None or not model.retry.max or not isinstance(call, CallOperation):
        return
    if call.operation.effect == "write" and not heeds_keys(planned, call):
        hint = f"give `{call.operation.id}` an `idempotency`, or remove `retry`"
        _report(planned, parsed, (*at, "retry"), "a write is only tried again with a key", hint)


def _report(planned: Planned, parsed: Parsed[object], path: Path, message: str, hint: str | None = None) -> None:
    planned.findings.report(parsed.document, "GW312", message, path, key=True, hint=hint or f"remove `{path[-1]}`")
