"""What happened on the way to a step's value, and what status and level follow from it (language §4 "Status and level")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.runtime.frame import SubResult
from gateway.sdk import CircuitState, Course, ErrorEntry, GatewayError, Level, Status, StepStatus


class Trail:
    """`live`: a backend answered · `static`: a `return` rung stood in · `lost`: something is missing that was asked for.

    `source` and `operation` are what was asked last. `unpassed` is the error that kept a check from being looked at, though the
    step may have a value all the same.
    """

    __slots__ = (
        "attempts", "breaker", "cached", "entries", "hedges", "items", "live", "lost", "operation", "rung", "source", "stale", "static",
        "step", "unpassed",
    )  # fmt: skip

    def __init__(self, step: str, source: str | None = None, operation: str | None = None) -> None:
        self.step = step
        self.source = source
        self.operation = operation
        self.attempts = 0
        self.hedges = 0
        self.breaker: CircuitState | None = None
        self.cached = False
        self.stale = False
        self.live = False
        self.static = False
        self.lost = False
        self.rung: int | None = None
        self.entries: list[ErrorEntry] = []
        self.items: list[dict[str, Any]] | None = None
        self.unpassed: GatewayError | None = None

    def asking(self, source: str | None, operation: str) -> None:
        """A backend is asked for a value, or a sub-intent, which counts as one attempt."""
        self.source, self.operation = source, operation
        if source is None:
            self.attempts += 1

    def took(self, course: Course) -> None:
        """A call is over, whatever came of it."""
        self.attempts += course.attempts
        self.hedges += course.hedges
        self.breaker = course.breaker or self.breaker

    def called(self, course: Course) -> None:
        """The call gave a value."""
        self.live = True
        self.cached = self.cached or course.cached
        self.stale = self.stale or course.stale

    def asked(self, answer: SubResult) -> None:
        """A sub-intent gave a value, perhaps not all of it."""
        self.stale = self.stale or answer.stale
        self.unpassed = self.unpassed or answer.unpassed
        if answer.static:
            self.static = True
        else:
            self.live = True
        if answer.errors:
            self.lost = True
            self.entries += [entry_of(error, self.step) for error in answer.errors]

    def returned(self, rung: int, error: GatewayError, path: str | None = None) -> None:
        """A `return` rung gave the value in place of a call that failed."""
        self.static = True
        self.climbed(rung)
        self.entries.append(entry(error, self.step, path, self.source))

    def climbed(self, rung: int) -> None:
        """A rung gave the value."""
        self.rung = rung if self.rung is None else max(self.rung, rung)

    def left_unchecked(self, error: GatewayError) -> None:
        """A check could not be looked at: what waits for it must not go out."""
        self.unpassed = self.unpassed or error

    def missed(self, error: GatewayError, path: str | None = None) -> None:
        """Something that was asked for stays away."""
        self.lost = True
        self.entries.append(entry(error, self.step, path, self.source))

    def discard(self) -> None:
        """The step failed after all: what some of its items gave is thrown away, and tells nothing of the answer."""
        self.live = self.static = self.lost = self.stale = self.cached = False
        self.rung = self.items = None
        self.entries.clear()

    def status(self) -> StepStatus:
        """The status of a step that has a value."""
        if self.lost:
            return "partial"
        if self.stale:
            return "stale"
        return "ok" if self.rung is None else "fallback"


def entry(error: GatewayError, step: str | None, path: str | None = None, source: str | None = None) -> ErrorEntry:
    """The public record of an error; `source` is shown only to who may see traces."""
    return ErrorEntry(step, error.code, error.message, error.detail_code, error.passing, path, source)


def entry_of(inner: ErrorEntry, step: str) -> ErrorEntry:
    """A sub-intent's error as its caller shows it: under the step that asked."""
    path = f"/{inner.step}{inner.path or ''}" if inner.step else inner.path
    return ErrorEntry(step, inner.code, inner.message, inner.detail_code, inner.retryable, path, inner.source)


def verdict(trails: Iterable[Trail]) -> tuple[Status, Level]:
    """Status and level of an answer whose required steps all have values; the worst wins."""
    live = static = stale = lost = False
    for trail in trails:
        live = live or trail.live
        static = static or trail.static
        stale = stale or trail.stale
        lost = lost or trail.lost
    if static and not live:
        return "degraded", "static"
    if static or lost:
        return "partial", "reduced"
    return "complete", "reduced" if stale else "full"
