from __future__ import annotations

import pytest

from gateway.policies.attempt import build
from gateway.sdk import ERRORS_BY_CODE, Call, GatewayError, Result
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of, call_by, value


async def test_attempts_are_counted_by_tenant_whatever_their_outcome() -> None:
    services = FakeServices()
    call = call_by()
    own = call.context.identity[0]
    services.tenants = frozenset({own, "other"})
    attempt = build(binding_of(FakeOperation()), services)

    async def refuse(call: Call) -> Result:
        raise ERRORS_BY_CODE["unavailable"]

    for _ in range(2):
        with pytest.raises(GatewayError):
            await attempt(call, refuse)
    counted = {name: sum(meter.values) for name, meter in services.metrics.meters.items() if "upstream" in name}
    assert counted == {
        f'gateway_upstream_calls_total{{source="erp",tenant="{own}"}}': 2,
        'gateway_upstream_calls_total{source="erp",tenant="other"}': 0,
    }
    assert call.course.attempts == 2


async def test_copies_of_a_call_count_as_one_course() -> None:
    attempt = build(binding_of(FakeOperation()), FakeServices())
    call = call_by()

    async def answer(call: Call) -> Result:
        return value("answer")

    assert (await attempt(call.replace(deadline=1.0), answer)).value == "answer"
    assert (await attempt(call, answer)).value == "answer"
    assert call.course.attempts == 2
