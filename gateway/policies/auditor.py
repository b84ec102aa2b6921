"""Which requests leave an audit record, what is in it, and what happens where none can be kept (language §6, policy `audit`).

A request whose intent is recorded leaves one record of its decision and end. Each write of it leaves two: `write_started` before it
goes out and `write_ended` with its outcome. Where every intent is recorded, so is a refusal before an intent is known.

With `when_sink_fails: deny` a request that would be recorded is refused while records can't be kept, before any step runs; its place in
the queue is kept from then on, and a write only goes out once its `write_started` is durable. With `continue` requests go on, and each
record that finds no place is counted (`gateway_audit_records_total{result="dropped"}`) and told in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from gateway.policies.audit_entry import Entry
from gateway.policies.audit_fields import of_request
from gateway.policies.audit_writer import AuditWriter
from gateway.sdk import Answer, Clock, Decision, Exchange, Unavailable

NOTE = "audit"
"""Where a request's `Witness` stands in `Exchange.notes` and `CallContext.notes`."""

UNAVAILABLE = "audit_unavailable"
FAULT = "audit records can't be kept"
"""What the log record of a refused request says."""

Outcome = Literal["ok", "failed", "unknown", "not_sent"]


class AuditSettings(msgspec.Struct, frozen=True):
    """The policy, looked up at load. `everything` where refusals before an intent is known are recorded too."""

    intents: frozenset[str]
    everything: bool
    decisions: Literal["all", "denied", "allowed"]
    fields: tuple[str, ...]
    required: bool
    retention: float | None = None


class Witness:
    """What was seen of one request: the operations that were called, and each write with its outcome."""

    __slots__ = ("auditor", "exchange", "operations", "writes")

    def __init__(self, auditor: Auditor, exchange: Exchange) -> None:
        self.auditor = auditor
        self.exchange = exchange
        self.operations: dict[str, None] = {}
        self.writes: list[dict[str, Any]] = []


class Auditor:
    """Decides and composes; the writer keeps. One for all requests."""

    def __init__(self, settings: AuditSettings, writer: AuditWriter, clock: Clock) -> None:
        self._settings = settings
        self._writer = writer
        self._clock = clock
        self._early = of_request(settings.fields)
        self._wanted = frozenset(settings.fields)
        self.records_writes = settings.decisions != "denied"

    def admit(self, exchange: Exchange) -> None:
        """Called once the intent is known. Raises `Unavailable` where the record that the request may leave could not be kept."""
        chosen = exchange.chosen
        if chosen is None or chosen.name not in self._settings.intents:
            return
        if self._settings.required and not self._writer.reserve(1):
            raise self._refusal(exchange)
        exchange.notes[NOTE] = Witness(self, exchange)

    def conclude(self, exchange: Exchange, answer: Answer | None, status: str, error: str | None) -> Unavailable | None:
        """Records how a request ended, with an `answer` or without one; gives what to answer instead where that can't be kept."""
        witness = exchange.notes.pop(NOTE, None)
        denied = answer is not None and answer.status == "denied"
        if witness is None and not (denied and self._settings.everything and exchange.chosen is None):
            return None
        decision = "denied" if denied else "allowed" if answer is not None or witness.operations else "none"
        keeps_place = witness is not None and self._settings.required
        if self._settings.decisions not in ("all", decision):
            if keeps_place:
                self._writer.release(1)
            return None
        return self._record(exchange, {
            "event": "request", "decision": decision, **_grounds(exchange), "error": error,
            **self._outcome(exchange, witness, answer, status),
        }, reserved=keeps_place)  # fmt: skip

    def acted(self, exchange: Exchange, action: Mapping[str, Any]) -> Unavailable | None:
        """Records what an operator is about to do; gives what to answer instead where that is required and can't be kept."""
        return self._record(exchange, dict(action), reserved=False)

    async def started(self, witness: Witness, write: Mapping[str, Any], deadline: float) -> None:
        """Records that a write is about to go out. Where records are required it is durable then, or else `Unavailable` is raised."""
        entry = self._entry(witness.exchange, {"event": "write_started", **write})
        if not self._settings.required:
            self._writer.put(entry)
            return
        if not self._writer.reserve(2):
            raise self._refusal(witness.exchange)
        durable = False
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock.monotonic())):
                durable = await self._writer.put_durably(entry)
        except TimeoutError:
            raise self._refusal(witness.exchange) from None
        finally:
            if not durable:
                self.ended(witness, {**write, "outcome": "not_sent"})
        if not durable:
            raise self._refusal(witness.exchange)

    def ended(self, witness: Witness, write: Mapping[str, Any]) -> None:
        """Records how a write ended, as `outcome` says."""
        self._writer.put(self._entry(witness.exchange, {"event": "write_ended", **write}), reserved=self._settings.required)

    def _record(self, exchange: Exchange, record: dict[str, Any], *, reserved: bool) -> Unavailable | None:
        entry = self._entry(exchange, record)
        if self._settings.required and not reserved:
            if not self._writer.reserve(1):
                return self._refusal(exchange)
            reserved = True
        self._writer.put(entry, reserved=reserved)
        return None

    def _entry(self, exchange: Exchange, record: dict[str, Any]) -> Entry:
        record["request_id"] = exchange.request_id
        for name, value in self._early:
            record[name] = value(exchange)
        return Entry(self._now(), record)

    def _now(self) -> datetime:
        return self._clock.now()

    def _outcome(self, exchange: Exchange, witness: Witness | None, answer: Answer | None, status: str) -> dict[str, Any]:
        operations = list(witness.operations) if witness is not None else []
        known = {
            "status": status,
            "level": answer.level if answer is not None else None,
            "sources": list(dict.fromkeys(operation.partition(".")[0] for operation in operations)),
            "operations": operations,
            "writes": [dict(write) for write in witness.writes] if witness is not None else [],
            "masked": _paths(exchange.notes.get("masked")),
            "idempotency": exchange.notes.get("idempotency"),
        }
        return {name: value for name, value in known.items() if name in self._wanted}

    def _refusal(self, exchange: Exchange) -> Unavailable:
        self._writer.refuse()
        exchange.notes.setdefault("fault", FAULT)
        return Unavailable("The service is not available at the moment.", detail_code=UNAVAILABLE)


def _grounds(exchange: Exchange) -> dict[str, Any]:
    """The file:line of the rule that decided, and its words: of a `guard` or `ensure` that denied, else of the rule of access."""
    denied_by = exchange.notes.get("denied_by")
    decision = exchange.notes.get("decision")
    if denied_by is not None or not isinstance(decision, Decision):
        return {"rule": denied_by, "reason": None}
    return {"rule": decision.rule, "reason": decision.reason}


def _paths(masked: Any) -> list[str]:
    """The paths of masked fields, as whoever masks notes them."""
    return [str(path) for path in masked] if isinstance(masked, list | tuple | set | frozenset | dict) else []
