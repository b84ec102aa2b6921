"""Nothing goes on behind the gate whose record could not be kept."""

from __future__ import annotations

import pytest

from gateway.policies.audit_gate import AuditGateConfig, build, component
from gateway.policies.auditor import NOTE
from gateway.sdk import Answer, Exchange, Unavailable
from tests.policies.auditing import auditing
from tests.policies.exchanges import FakeCard, FakeServices, identified, make_caller


def asked(name: str) -> Exchange:
    return identified(make_caller("customer"), chosen=FakeCard(name))


async def test_it_lets_requests_pass_and_witnesses_those_that_are_recorded() -> None:
    async with auditing() as gate:
        stage = build(AuditGateConfig(auditor=gate.auditor), FakeServices())  # type: ignore[arg-type]
        passed = []

        async def proceed(exchange: Exchange) -> Answer:
            passed.append(NOTE in exchange.notes)
            return Answer("complete")

        await stage(asked("track_order"), proceed)
        await stage(asked("help"), proceed)
        assert passed == [True, False]
        await gate.fail()
        with pytest.raises(Unavailable, match="not available"):
            await stage(asked("track_order"), proceed)
        assert len(passed) == 2
        gate.writer.release(1)


def test_it_stands_in_front_of_every_decision() -> None:
    assert (component.kind, component.name, component.phase) == ("stage", "audit_gate", "authorize")
