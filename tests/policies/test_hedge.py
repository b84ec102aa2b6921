"""When a second read is sent, and what it is taken from. In virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.policies.hedge import Hedging, build
from gateway.policies.retry import build as build_retry
from gateway.sdk import Binding, Call, Duration, OperationConfig, Result, Unavailable
from gateway.sdk.source_config import Hedge, Retry
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of
from tests.policies.tries import Backend, call_with
from tests.policies.virtual_time import LoopClock, timeless

LATE = Hedge(delay=Duration(1.0))


def services() -> FakeServices:
    return FakeServices(clock=LoopClock())


def told(given: FakeServices, outcome: str) -> float:
    return given.metrics.total("gateway_hedges_total", source="erp", operation="order", outcome=outcome)


def hedging(given: FakeServices, hedge: Hedge = LATE, binding: Binding | None = None) -> Hedging:
    built = build(binding or binding_of(FakeOperation(), OperationConfig(hedge=hedge), shared={}), given)
    assert built is not None
    return built


def test_a_hedge_is_another_call_of_the_same_course() -> None:
    async def run() -> tuple[Any, Call, Backend]:
        backend, call = Backend((5.0, "first"), (0.5, "second")), call_with()
        result = await hedging(services())(call, backend)
        return result.value, call, backend

    value, call, backend = timeless(run())
    assert value == "second"
    assert call.course.hedges == 1
    assert backend.calls == [call, call]
    assert backend.cancelled == [0]


@pytest.mark.parametrize(("seconds", "calls"), [(1.0, 1), (0.5, 1), (1.5, 2)])
def test_where_no_time_is_left_none_is_sent(seconds: float, calls: int) -> None:
    async def run() -> int:
        backend = Backend((5.0, "first"))
        task = asyncio.ensure_future(hedging(services())(call_with(seconds), backend))
        await asyncio.wait([task], timeout=seconds + 1)
        task.cancel()
        await asyncio.wait([task])
        return len(backend.calls)

    assert timeless(run()) == calls


def test_a_second_hedge_is_not_sent_behind_the_deadline() -> None:
    async def run() -> int:
        backend = Backend((5.0, "first"))
        await hedging(services(), Hedge(delay=Duration(1.0), max=9))(call_with(2.5), backend)
        return len(backend.calls)

    assert timeless(run()) == 3


def test_slow_reads_are_not_doubled_for_ever() -> None:
    """Every read of 200 is slow: a fifth of them is sent twice."""

    async def run() -> tuple[int, FakeServices]:
        given = services()
        interceptor, backend = hedging(given), Backend((1.5, "late"))
        await asyncio.gather(*(interceptor(call_with(), backend) for _ in range(200)))
        return len(backend.calls), given

    made, given = timeless(run())
    assert made == 240
    assert (told(given, "denied"), told(given, "won") + told(given, "lost")) == (160, 40)


def test_retries_and_hedges_share_one_budget_and_a_call_counts_once() -> None:
    async def run() -> tuple[int, float]:
        given, config = services(), OperationConfig(hedge=LATE, retry=Retry(max=5))
        binding = binding_of(FakeOperation(), config, shared={})
        retrying, inner = build_retry(binding, given), hedging(given, binding=binding)
        assert retrying is not None
        backend = Backend((1.5, Unavailable()))

        def proceed(call: Call) -> Any:
            return inner(call, backend)

        answers = await asyncio.gather(*(retrying(call_with(), proceed) for _ in range(100)), return_exceptions=True)
        assert all(isinstance(answer, Unavailable) for answer in answers)
        retried = given.metrics.total("gateway_retries_total", source="erp", operation="order", outcome="failed")
        return len(backend.calls), retried + told(given, "lost")

    assert timeless(run()) == (120, 20)


def test_who_leaves_leaves_nothing_under_way() -> None:
    async def run() -> None:
        backend = Backend((50.0, "first"))
        interceptor = hedging(services())
        task = asyncio.ensure_future(interceptor(call_with(), backend))
        await asyncio.sleep(2)
        assert (backend.under_way, len(interceptor._under_way)) == (2, 1)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (backend.under_way, len(interceptor._under_way)) == (0, 0)

    timeless(run())


@pytest.mark.parametrize(
    ("operation", "config", "there"),
    [
        (FakeOperation(), OperationConfig(hedge=LATE), True),
        (FakeOperation(), OperationConfig(), False),
        (FakeOperation(effect="write"), OperationConfig(hedge=LATE), False),
    ],
)
def test_reads_only_and_where_it_is_written(operation: FakeOperation, config: OperationConfig, there: bool) -> None:
    assert (build(binding_of(operation, config, shared={}), FakeServices()) is not None) is there


def test_a_call_that_is_answered_in_time_starts_no_task() -> None:
    async def run() -> None:
        seen: list[set[asyncio.Task[Any]]] = []

        async def proceed(call: Call) -> Result:
            seen.append(asyncio.all_tasks())
            return await Backend((0.0, "first"))(call)

        before = asyncio.all_tasks()
        await hedging(services())(call_with(), proceed)
        assert seen == [before]

    timeless(run())
