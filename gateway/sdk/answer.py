"""What a request ends as, before any channel gives it a form (interfaces §1)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET

from gateway.sdk.circuit import CircuitState
from gateway.sdk.errors import GatewayError

Status = Literal["complete", "partial", "degraded", "needs_input", "pending", "denied", "failed"]
Level = Literal["full", "reduced", "static", "maintenance"]
StepStatus = Literal["ok", "fallback", "stale", "partial", "skipped", "failed"]


class ErrorEntry(msgspec.Struct, frozen=True):
    """One entry of `errors[]`. Nothing in it names a URL, a host, SQL or a backend's own text."""

    step: str | None
    code: str
    message: str
    detail_code: str | None = None
    retryable: bool = False
    path: str | None = None
    source: str | None = None


class StepReport(msgspec.Struct):
    """What became of one step; `rung` counts from 0, `ms` is wall time in milliseconds.

    `attempts` is what was sent to backends, `hedges` how many of these beside one under way; `breaker` is the state of the circuit that was
    met last, None where there is none.
    """

    status: StepStatus = "skipped"
    rung: int | None = None
    ms: float = 0.0
    cached: bool = False
    stale: bool = False
    attempts: int = 0
    hedges: int = 0
    breaker: CircuitState | None = None
    reason: str | None = None
    items: list[dict[str, Any]] | None = None
    source: str | None = None
    operation: str | None = None


class Reply(msgspec.Struct, frozen=True):
    """Plain text and structured parts; channels escape and degrade it."""

    text: str | None = None
    blocks: list[Any] = []
    actions: list[Any] = []
    suggestions: list[Any] = []


class Answer(msgspec.Struct):
    """The result of a request. `error` is set for `denied` and `failed` and tells the server which problem to answer.

    `data`, `errors` and `error` are what the caller is shown. Where masks hide something of that, `unmasked` is the data as it was and
    `cause` the error: for conditions of replies and routes, never for a caller.
    """

    status: Status
    level: Level = "full"
    intent: str | None = None
    version: int | None = None
    data: Any = None
    reply: Reply | None = None
    errors: list[ErrorEntry] = []
    steps: dict[str, StepReport] = {}
    error: GatewayError | None = None
    unmasked: Any = UNSET
    cause: GatewayError | None = None

    @property
    def output(self) -> Any:
        """The `output` root of `reply` and `respond`: what is shown of it is masked where it is shown."""
        return self.data if self.unmasked is UNSET else self.unmasked

    def masked(self, data: Any) -> None:
        """Shows `data` in place of what there is."""
        self.unmasked, self.data = self.output, data

    def error_root(self) -> dict[str, Any] | None:
        """The `error` root of `reply` and `respond`; null for an answer with data."""
        if self.error is None:
            return None
        return (self.cause or self.error).root(self.errors[0].step if self.errors else None)
