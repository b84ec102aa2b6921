"""The state of one run of an intent: what its steps gave, and what is still going on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from gateway.runtime.evidence import Evidence
from gateway.runtime.plan import IntentPlan
from gateway.sdk import CallContext, Caller, Clock, ErrorEntry, GatewayError, Level, Scope, StepReport

if TYPE_CHECKING:
    from gateway.runtime.calls import Turn
    from gateway.runtime.trail import Trail

RENDER_RESERVE = 0.02
"""Share of a deadline that is kept back from steps, to render the answer in."""

MOST_RENDER_RESERVE = 0.05
"""Seconds; no more than this is kept back."""


class Frame:
    """One run. `deadline` is when the last step must be done, on the clock's monotonic scale; `depth` counts sub-intents.

    `evidence` is there where the answer may be kept, and collects what its checks look at; `used` are the operations that were called,
    by sub-intents too: true for one whose backend said that its answer is for one caller alone. `level` is what the run is restrained to.
    """

    __slots__ = (
        "caller",
        "clock",
        "context",
        "deadline",
        "depth",
        "evidence",
        "intent",
        "key",
        "level",
        "reports",
        "run_intent",
        "scope",
        "trails",
        "unpassed",
        "used",
        "values",
        "writes",
    )  # fmt: skip

    def __init__(
        self, intent: IntentPlan, scope: Scope, *, caller: Caller, context: CallContext, deadline: float, clock: Clock, run_intent: SubRun
    ) -> None:
        self.intent = intent
        self.scope = scope
        self.caller = caller
        self.context = context
        self.deadline = deadline
        self.clock = clock
        self.run_intent = run_intent
        self.key: str | None = None
        self.level: Level = "full"
        self.depth = 0
        self.evidence: Evidence | None = None
        self.values: dict[str, Any] = scope["steps"]
        self.reports: dict[str, StepReport] = {}
        self.trails: dict[int, Trail] = {}
        self.unpassed: dict[int, GatewayError] = {}
        self.used: dict[str, bool] = {}
        self.writes: set[asyncio.Future[Any]] = set()

    def time_left(self) -> float:
        """Seconds until the last step must be done."""
        return self.deadline - self.clock.monotonic()


SubRun = Callable[["Turn", IntentPlan, dict[str, Any], float, str | None], Awaitable["SubResult"]]
"""Runs a sub-intent for a step: turn of the step, intent, arguments, deadline, idempotency key."""


class SubResult:
    """What a sub-intent gave its step. `unpassed` is the error that kept one of its checks from being looked at."""

    __slots__ = ("errors", "stale", "static", "unpassed", "value")

    def __init__(self, value: Any, errors: list[ErrorEntry], *, static: bool, stale: bool, unpassed: GatewayError | None = None) -> None:
        self.value = value
        self.errors = errors
        self.static = static
        self.stale = stale
        self.unpassed = unpassed


def reserve(total: float) -> float:
    """How much of `total` seconds is kept back to render the answer."""
    return min(total * RENDER_RESERVE, MOST_RENDER_RESERVE)
