"""Stage `audit_gate`: refuses a request whose audit record could not be kept, before anything is decided or done."""

from __future__ import annotations

from typing import Any

from gateway.policies.auditor import Auditor
from gateway.sdk import Answer, Component, Exchange, Handler, Model, Services


class AuditGateConfig(Model, frozen=True):
    """What records, made from the policy."""

    auditor: Any = None


class AuditGate:
    """Lets the auditor see each request once its intent is known. Raises `Unavailable` with `detail_code: audit_unavailable`."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        self._auditor.admit(exchange)
        return await proceed(exchange)


def build(config: AuditGateConfig, services: Services) -> AuditGate:
    """In the chain where a policy `audit` is written."""
    del services
    return AuditGate(config.auditor)


component = Component(
    kind="stage",
    name="audit_gate",
    phase="authorize",
    Config=AuditGateConfig,
    build=build,
    summary="Refuses what could not be recorded.",
    example="when_sink_fails: deny",
)
