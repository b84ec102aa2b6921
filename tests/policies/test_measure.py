from __future__ import annotations

import asyncio

import pytest

from gateway.policies.measure import build
from gateway.sdk import ERRORS_BY_CODE, Call, GatewayError, Result
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of, call_by, value
from tests.policies.exchanges import FixedClock


def observed(services: FakeServices) -> dict[str, list[float]]:
    """Seconds by outcome, of the outcomes that occurred."""
    found = {}
    for name, meter in services.metrics.meters.items():
        assert name.startswith("gateway_step_duration_seconds{")
        assert 'operation="order"' in name
        assert 'source="erp"' in name
        if meter.values:
            found[name.partition('outcome="')[2].partition('"')[0]] = meter.values
    return found


async def test_seconds_of_a_call_that_answers() -> None:
    clock = FixedClock(100.0)
    services = FakeServices(clock=clock)
    measure = build(binding_of(FakeOperation()), services)

    async def proceed(call: Call) -> Result:
        clock.seconds += 1.5
        return value("answer")

    assert (await measure(call_by(), proceed)).value == "answer"
    assert observed(services) == {"ok": [1.5]}


@pytest.mark.parametrize("error", ERRORS_BY_CODE.values())
async def test_each_error_has_its_own_outcome(error: type[GatewayError]) -> None:
    clock = FixedClock()
    services = FakeServices(clock=clock)
    measure = build(binding_of(FakeOperation()), services)

    async def proceed(call: Call) -> Result:
        clock.seconds += 0.25
        raise error

    with pytest.raises(error):
        await measure(call_by(), proceed)
    assert observed(services) == {error.code: [0.25]}


async def test_a_cancelled_call_is_no_outcome() -> None:
    services = FakeServices()
    measure = build(binding_of(FakeOperation()), services)

    async def proceed(call: Call) -> Result:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await measure(call_by(), proceed)
    assert observed(services) == {}
