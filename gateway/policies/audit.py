"""Stage `audit`: one audit record of every request that policy `audit` names, also of those that fail or are denied."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.policies.auditor import Auditor
from gateway.sdk import Answer, Cancelled, Component, Exchange, Handler, Model, Services


class AuditConfig(Model, frozen=True):
    """What records, made from the policy."""

    auditor: Any = None


class Audit:
    """Tells the auditor how each request ended. Where its record is required and can't be kept, the answer is withheld."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        try:
            answer = await proceed(exchange)
        except asyncio.CancelledError:
            self._auditor.conclude(exchange, None, "cancelled", Cancelled.code)
            raise
        except BaseException:
            self._auditor.conclude(exchange, None, "failed", "internal")
            raise
        error = answer.error
        status = "cancelled" if isinstance(error, Cancelled) else answer.status
        unkept = self._auditor.conclude(exchange, answer, status, error.code if error is not None else None)
        if unkept is not None:
            answer = exchange.answer = Answer("failed", intent=answer.intent, version=answer.version, error=unkept)
        return answer


def build(config: AuditConfig, services: Services) -> Audit:
    """In the chain where a policy `audit` is written."""
    del services
    return Audit(config.auditor)


component = Component(
    kind="stage",
    name="audit",
    phase="record",
    Config=AuditConfig,
    build=build,
    summary="Audit records: who did what, and which rule decided.",
    example='record: {intents: "*", decisions: all}',
)
