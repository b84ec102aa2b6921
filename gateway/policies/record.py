"""Stage `record`: one log record and the metrics of every request, also of those that fail (interfaces §4)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from gateway.sdk import (
    Answer,
    Cancelled,
    Component,
    Counter,
    Decision,
    Exchange,
    Handler,
    Histogram,
    Metrics,
    Model,
    RequestError,
    Services,
    StepReport,
)
from gateway.sdk.levels import LEVELS

NOTED = ("denied_by", "fault", "credential", "idempotency")
"""What is noted for operators: the rule behind a denial, the expression that could not be evaluated, why a credential was refused, what
became of a request with an idempotency key."""

MASKED = "masked"
"""How many fields were hidden from the caller; which, an audit record tells."""

ON_THE_WAY = ("hedges", "cached", "stale")
"""What else is told of a step where it happened on the way to its value."""

NO_INTENT = ""
"""The `intent` label of requests that were refused before their intent was known."""


class RecordConfig(Model, frozen=True):
    """Nothing to set."""


class Record:
    """Tells how each request ended. Bodies, inputs and answers are never part of it."""

    def __init__(self, services: Services) -> None:
        self._clock = services.clock
        self._logger = services.logger
        self._instruments = Instruments(services.metrics)

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        try:
            answer = await proceed(exchange)
        except asyncio.CancelledError:
            self._abandoned(exchange)
            raise
        except BaseException:
            self._count(exchange, "failed")
            self._log(exchange, logging.ERROR, "failed", None, error="internal")
            raise
        error = answer.error
        if isinstance(error, Cancelled):
            self._abandoned(exchange)
            return answer
        self._count(exchange, answer.status)
        self._instruments.levels[answer.level].inc()
        level = logging.INFO if error is None or isinstance(error, RequestError) else logging.WARNING
        self._log(exchange, level, answer.status, answer, error=error.code if error is not None else None)
        return answer

    def _abandoned(self, exchange: Exchange) -> None:
        """A client that hung up, whether its work was under way or its request not yet complete."""
        self._instruments.abandoned(_intent(exchange)).inc()
        self._log(exchange, logging.INFO, "cancelled", None)

    def _count(self, exchange: Exchange, status: str) -> None:
        counter, histogram = self._instruments.of(_intent(exchange), status, exchange.tenant.id)
        counter.inc()
        histogram.observe(self._clock.monotonic() - exchange.started)

    def _log(self, exchange: Exchange, level: int, status: str, answer: Answer | None, error: str | None = None) -> None:
        logger = self._logger
        if not logger.isEnabledFor(level):
            return
        fields = {
            "request_id": exchange.request_id,
            "trace_id": exchange.traceparent[3:35] if exchange.traceparent is not None else None,
            "session": exchange.session,
            "message_id": None,
            "tenant": exchange.tenant.id,
            "user": exchange.caller.user["id"] if exchange.caller is not None else None,
            "identity": exchange.caller.key[0] if exchange.caller is not None else None,
            "intent": _intent(exchange) or None,
            "confidence": exchange.confidence,
            "status": status,
            "degradation": answer.level if answer is not None else None,
            "latency_ms": round((self._clock.monotonic() - exchange.started) * 1000, 3),
            "steps": {name: _step(report) for name, report in answer.steps.items()} if answer is not None else {},
            "error": error,
        }
        fields |= {name: exchange.notes[name] for name in NOTED if name in exchange.notes}
        if exchange.notes.get(MASKED):
            fields[MASKED] = len(exchange.notes[MASKED])
        decision: Decision | None = exchange.notes.get("decision")
        if decision is not None:
            fields["decision"] = decision.told
        # `Logger.info` would walk the stack for a file and a line that nobody reads.
        logger.handle(logger.makeRecord(logger.name, level, "", 0, "request", (), None, extra={"fields": fields}))


class Instruments:
    """The bound children, made the first time a combination is seen.

    Intents are those of the plan, statuses and tenants a closed set, so there are only so many.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._bound: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        self._abandoned: dict[str, Counter] = {}
        self.levels = {level: metrics.counter("gateway_answers_total", "Answers by their level.", level=level) for level in LEVELS}

    def of(self, intent: str, status: str, tenant: str) -> tuple[Counter, Histogram]:
        """What counts and times requests that ended so."""
        key = (intent, status, tenant)
        bound = self._bound.get(key)
        if bound is None:
            bound = self._bound[key] = (
                self._metrics.counter("gateway_requests_total", "Requests by outcome.", intent=intent, status=status, tenant=tenant),
                self._metrics.histogram("gateway_request_duration_seconds", "Duration of requests.", intent=intent),
            )
        return bound

    def abandoned(self, intent: str) -> Counter:
        """What counts requests whose client hung up, which are no failure of the gateway's."""
        if intent not in self._abandoned:
            self._abandoned[intent] = self._metrics.counter(
                "gateway_requests_abandoned_total", "Requests whose client hung up before the answer.", intent=intent
            )
        return self._abandoned[intent]


def _intent(exchange: Exchange) -> str:
    return exchange.chosen.name if exchange.chosen is not None else NO_INTENT


def _step(report: StepReport) -> dict[str, Any]:
    told: dict[str, Any] = {"status": report.status, "ms": round(report.ms, 3)}
    if report.rung is not None:
        told["rung"] = report.rung
    if report.attempts > 1:
        told["attempts"] = report.attempts
    if report.breaker is not None and report.breaker != "closed":
        told["breaker"] = report.breaker
    told |= {name: value for name in ON_THE_WAY if (value := getattr(report, name))}
    return told


def build(config: RecordConfig, services: Services) -> Record:
    """Always in the chain."""
    del config
    return Record(services)


component = Component(
    kind="stage",
    name="record",
    phase="record",
    Config=RecordConfig,
    build=build,
    summary="One log record and the metrics of every request.",
    example="telemetry: {metrics: true, logs: json}",
)
