from __future__ import annotations

from gateway.policies.limiter import Quota
from gateway.policies.limits import Limits, refusal, refusals
from gateway.sdk.allowance import DAY, Allowance, Charge
from gateway.testing.services import FakeMetrics
from tests.policies.limits_made import SharedStore, limiter, rate
from tests.policies.stopped_clock import StoppedClock

DAILY = Allowance("limits//day", "day", 5, DAY, 5, "day")


async def test_one_ledger_for_all_in_memory() -> None:
    limits = Limits(limiter(), {}, StoppedClock())
    charges = [Charge(("ada",), rate())]
    assert [(await limits.spend(charges)) is not None for _ in range(3)] == [True] * 3
    await limits.add([Charge(("ada",), rate(), 7.0)])
    refused = await limits.spend(charges)
    assert refused is not None
    assert not refused.allowed


async def test_usage_is_everybodys_where_the_store_tells_it_and_else_this_processs() -> None:
    clock = StoppedClock()
    store = SharedStore(clock)
    here, there = (
        Limits(limiter(quotas=(Quota(DAILY, None),)), {}, clock, store)  # type: ignore[arg-type]
        for _ in range(2)
    )
    await here.spend([Charge(("acme",), DAILY)])
    await there.spend([Charge(("acme",), DAILY)])
    assert [(usage.shared, [use.used for use in usage.uses]) for usage in (await here.usage(), await there.usage())] == [(True, [2.0])] * 2
    store.away = True
    usage = await here.usage()
    assert (usage.shared, [use.used for use in usage.uses]) == (False, [1.0])
    assert await Limits(limiter(), {}, clock, store).usage() == ([], False)  # type: ignore[arg-type]


def test_refusals() -> None:
    assert (refusal(2.5).code, refusal(2.5).retry_after) == ("rate_limited", 2.5)
    metrics = FakeMetrics()
    refusals(metrics, "limits", "premium").inc()
    assert metrics.total("gateway_rate_limited_total", policy="limits", tier="premium", mode="enforce") == 1
