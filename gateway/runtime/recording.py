"""A run of an intent as something that can be given again: its answer, what its reply and its masks read, and what its checks looked at."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.runtime.evidence import Evidence
from gateway.runtime.frame import Frame
from gateway.sdk import Answer, ErrorEntry, Exchange, Level, NotFound, Status, StepReport

NOTE = "recall"
"""Where a request's `Recording` stands in `Exchange.notes`."""


class Absence(msgspec.Struct, frozen=True, array_like=True):
    """The `not_found` that an intent failed with, and its step."""

    message: str
    detail_code: str | None = None
    status_code: int | None = None
    details: list[Any] = []

    def error(self) -> NotFound:
        """The same failure again."""
        return NotFound(self.message, detail_code=self.detail_code, status_code=self.status_code, details=self.details)


class Run(msgspec.Struct, array_like=True):
    """Plain data, shared by all who are given it: nobody changes it. `evidence` holds the steps' values, `operations` are those called, in
    order; `step` is the one that a failed run failed at."""

    status: Status
    level: Level
    data: Any
    reports: dict[str, StepReport]
    evidence: Evidence
    operations: list[str]
    errors: list[ErrorEntry] = []
    step: str | None = None
    absence: Absence | None = None


class Recording:
    """Lets a run collect evidence; afterwards it tells what can be given again."""

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def begin(self, frame: Frame) -> None:
        """The run begins."""
        self._frame = frame
        frame.evidence = Evidence(frame.intent.name)

    @property
    def private(self) -> bool:
        """Whether a backend said that its answer is for this caller alone."""
        return self._frame is not None and any(self._frame.used.values())

    def run(self, answer: Answer) -> Run | None:
        """The run that gave `answer`. None for one that is good for its own request only: a denial, or where a check was not looked at."""
        frame = self._frame
        return None if frame is None or frame.unpassed or answer.status == "denied" else self.own_run(answer)

    def own_run(self, answer: Answer) -> Run | None:
        """The run that gave `answer`, to be given again to the same caller alone; None where nothing was run."""
        frame = self._frame
        if frame is None or frame.evidence is None:
            return None
        frame.evidence.steps = frame.values
        error = answer.error
        return Run(
            status=answer.status,
            level=answer.level,
            data=answer.data,
            reports=frame.reports,
            evidence=frame.evidence,
            operations=list(frame.used),
            errors=answer.errors,
            step=answer.errors[0].step if error is not None and answer.errors else None,
            absence=_absence(error) if isinstance(error, NotFound) else None,
        )


def recording_of(exchange: Exchange) -> Recording | None:
    """That of a request whose answer may be kept."""
    found = exchange.notes.get(NOTE)
    return found if isinstance(found, Recording) else None


def _absence(error: NotFound) -> Absence:
    return Absence(error.message, error.detail_code, error.status_code, list(error.details))
