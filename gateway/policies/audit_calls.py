"""Interceptor `audit`: which operations a request used, and each write before it goes out and when it has ended."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from gateway.policies.auditor import NOTE, Auditor, Outcome, Witness
from gateway.sdk import (
    BackendError,
    Binding,
    Call,
    CallHandler,
    CircuitOpen,
    Component,
    GatewayError,
    Model,
    Overloaded,
    RequestError,
    Result,
    Services,
)


class AuditCallsConfig(Model, frozen=True):
    """Nothing to set."""


class AuditReads:
    """Notes that an operation was used, whether a backend is asked or a cache answers."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        witness = call.context.notes.get(NOTE)
        if witness is not None:
            witness.operations[self._operation] = None
        return await proceed(call)


class AuditWrites:
    """Has a write recorded round its call. Raises `Unavailable` in place of a write whose record is required and can't be kept."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        witness: Witness | None = call.context.notes.get(NOTE)
        if witness is None:
            return await proceed(call)
        witness.operations[self._operation] = None
        auditor = witness.auditor
        if not auditor.records_writes:
            return await proceed(call)
        return await self._recorded(auditor, witness, call, proceed)

    async def _recorded(self, auditor: Auditor, witness: Witness, call: Call, proceed: CallHandler) -> Result:
        write: dict[str, Any] = {"operation": self._operation, "key": _hashed(call.idempotency_key)}
        await auditor.started(witness, write, call.deadline)
        written = {**write, "outcome": "unknown"}
        witness.writes.append(written)
        try:
            result = await proceed(call)
            written["outcome"] = "ok"
        except GatewayError as error:
            written["outcome"] = outcome_of(error)
            written["error"] = error.code
            raise
        finally:
            auditor.ended(witness, written)
        return result


def outcome_of(error: GatewayError) -> Outcome:
    """Whether a write that ended so was done: `failed` is what a backend refused or never saw, all else may have been done."""
    if isinstance(error, RequestError | CircuitOpen | Overloaded):
        return "failed"
    refused = isinstance(error, BackendError) and error.status_code is not None and 400 <= error.status_code < 500
    return "failed" if refused and error.status_code != 408 else "unknown"


def _hashed(key: str | None) -> str | None:
    return None if key is None else sha256(key.encode()).hexdigest()[:32]


def build(binding: Binding, services: Services) -> AuditReads | AuditWrites:
    """In the chains where a policy `audit` is written."""
    del services
    return AuditWrites(binding.id) if binding.operation.effect == "write" else AuditReads(binding.id)


component = Component(
    kind="interceptor",
    name="audit",
    Config=AuditCallsConfig,
    build=build,
    summary="Records writes, and which operations were used.",
    example='record: {intents: "*"}',
)
