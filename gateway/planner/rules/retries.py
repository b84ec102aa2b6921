"""Further tries that could never help, and those of a step that its operation does not have."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.document import Document
from gateway.config.loaded import Parsed
from gateway.config.models import Intent, Step
from gateway.planner.backends import Backend
from gateway.planner.planned import Planned
from gateway.planner.rules.budgets import seconds
from gateway.runtime.plan import CallIntent, CallOperation, StepPlan
from gateway.sdk import Path
from gateway.sdk.source_config import ONCE, Retried, Retry, retries

PASSING = frozenset({408, 429})
"""Statuses below 500 that may pass (RFC 9110 §15.5.9, RFC 6585 §4)."""


def check_retries(planned: Planned) -> None:
    """GW316 wherever a `retry` stands, GW317 of operations, GW304 of steps."""
    for backend in planned.backends.all():
        if not planned.findings.failed_in(backend.parsed.document):
            _check_source(planned, backend)
    for parsed, plan in planned.sound_intents():
        for step in plan.steps:
            _check_step(planned, parsed, step, parsed.model.steps[step.id])


def _check_source(planned: Planned, backend: Backend) -> None:
    document = backend.parsed.document
    _check_retry(planned, document, backend.parsed.model.retry, ("retry",))
    for name, config in backend.configs.items():
        at: Path = ("operations", name)
        _check_retry(planned, document, config.retry, (*at, "retry"))
        operation = backend.operation(name)
        if config.hedge is not None and operation is not None and config.hedge.delay >= operation.timeout:
            planned.findings.report(
                document, "GW317", f"a call of `{operation.id}` is over after {seconds(operation.timeout)}", (*at, "hedge", "delay"),
                hint="wait for less", severity="warning",
            )  # fmt: skip


def _check_retry(planned: Planned, document: Document, retry: Retry | None, at: Path) -> None:
    if retry is None:
        return
    for index, code in enumerate(retry.codes or ()):
        if not _may_pass(code):
            planned.findings.report(
                document, "GW316", f"a call that was answered {code} is not tried again", (*at, "codes", index),
                hint="take it out: `connect`, `timeout`, 408, 429 and statuses from 500 to 599 are",
            )  # fmt: skip
    if retry.backoff is not None and retry.backoff[0] > retry.backoff[1]:
        low, high = retry.backoff
        planned.findings.report(
            document, "GW316", "the waits go from the longer to the shorter", (*at, "backoff"),
            hint=f"write `{seconds(high)}..{seconds(low)}`",
        )  # fmt: skip


def _may_pass(code: Retried) -> bool:
    return isinstance(code, str) or code in PASSING or 500 <= code <= 599


def _check_step(planned: Planned, parsed: Parsed[Intent], step: StepPlan, model: Step) -> None:
    if model.retry is None or not model.retry.max:
        return
    at: Path = ("steps", step.id, "retry")
    _check_retry(planned, parsed.document, model.retry, at)
    if isinstance(step.action, CallIntent):
        message, hint = "an intent is not tried again as a whole", "take it out, or give it to the steps of that intent"
        planned.findings.report(parsed.document, "GW304", message, at, key=True, hint=hint)
    if not isinstance(step.action, CallOperation):
        return
    operation = step.action.operation.id
    own = _own(planned, step.action)
    if not own.max:
        message, hint = f"`{operation}` has no `retry` that this could narrow", "give it one, or take this one out"
        planned.findings.report(parsed.document, "GW304", message, at, key=True, hint=hint)
        return
    for path, message in _widened(own, model.retry):
        hint = f"widen that of `{operation}`, or take this out"
        planned.findings.report(parsed.document, "GW304", message, (*at, *path), hint=hint)


def _own(planned: Planned, call: CallOperation) -> Retry:
    operation = call.operation
    backend = planned.backends.get(operation.source)
    return ONCE if backend is None else retries(operation.effect, backend.config(operation.name), backend.parsed.model)


def _widened(own: Retry, step: Retry) -> Iterator[tuple[Path, str]]:
    if step.max > own.max:
        yield ("max",), f"`max` may only narrow the operation's, which is {own.max}"
    told = ", ".join(map(str, own.retried))
    for index, code in enumerate(step.codes or ()):
        if code not in own.retried and _may_pass(code):
            yield ("codes", index), f"`codes` may only narrow the operation's, which are {told}"
    if step.backoff is not None and step.backoff[1] > own.waits[1]:
        yield ("backoff",), f"`backoff` may only narrow the operation's, which is up to {seconds(own.waits[1])}"
