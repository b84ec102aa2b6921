"""How many calls run and wait, who is turned away, and that no place is ever lost. In virtual time."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from gateway.policies.bulkhead import WAITING, Bulkhead, build
from gateway.sdk import Call, Duration, GatewayError, Result, SourceConfig, Unavailable
from gateway.sdk.source_config import SourceQueue, SourceRate
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of, value
from tests.policies.tries import Backend, call_with
from tests.policies.virtual_time import LoopClock, timeless


def services() -> FakeServices:
    return FakeServices(clock=LoopClock())


def source(**keys: Any) -> SourceConfig:
    return SourceConfig(source="erp", type="static", **keys)


def bulkhead(config: SourceConfig, given: FakeServices | None = None, **more: Any) -> Bulkhead:
    more.setdefault("shared", {})
    built = build(binding_of(FakeOperation(more.pop("name", "order")), source=config, **more), given or services())
    assert built is not None
    return built


def queue(most: int, wait: float) -> SourceQueue:
    return SourceQueue(max=most, wait=Duration(wait))


def shed(given: FakeServices, reason: str) -> float:
    return given.metrics.total("gateway_upstream_shed_total", source="erp", reason=reason)


async def ended(subject: Bulkhead, call: Call, backend: Any) -> str:
    try:
        await subject(call, backend)
    except GatewayError as error:
        return error.code
    return "ok"


def test_where_nothing_is_bounded_it_is_not_in_the_chain() -> None:
    assert build(binding_of(FakeOperation(), source=source(queue=queue(1, 1.0))), services()) is None


def test_no_more_than_the_places_run_and_the_rest_wait_in_order() -> None:
    async def run() -> None:
        given, backend = services(), Backend((1.0, "fine"))
        subject, calls = bulkhead(source(concurrency=2), given), [call_with() for _ in range(6)]
        asked = [asyncio.ensure_future(subject(call, backend)) for call in calls]
        await asyncio.sleep(0.5)
        gauges = given.metrics.gauges
        assert backend.under_way == 2
        assert gauges['gateway_upstream_in_flight{source="erp"}']() == 2
        assert gauges['gateway_upstream_waiting{source="erp"}']() == 4
        assert given.standings.told("erp") == {"in_flight": 2, "waiting": 4}
        await asyncio.gather(*asked)
        assert backend.calls == calls
        assert given.standings.told("erp") == {"in_flight": 0, "waiting": 0}

    timeless(run())


def test_operations_share_the_places_and_lanes_do_not() -> None:
    async def run() -> int:
        shared: dict[str, Any] = {}
        given, backend = services(), Backend((1.0, "fine"))
        first, second = (
            bulkhead(source(concurrency=1, queue=queue(0, 1.0)), given, shared=shared, name=name, apart=frozenset({"acme"}))
            for name in "ab"
        )
        outcomes = await asyncio.gather(
            ended(first, call_with(), backend), ended(second, call_with(), backend), ended(second, call_with(tenant="acme"), backend)
        )
        assert outcomes == ["ok", "overloaded", "ok"]
        return len(backend.calls)

    assert timeless(run()) == 2


def test_who_finds_the_queue_full_is_turned_away_at_once() -> None:
    async def run() -> tuple[list[str], float, float]:
        given, backend, loop = services(), Backend((1.0, "fine")), asyncio.get_running_loop()
        subject = bulkhead(source(concurrency=1, queue=queue(2, 30.0)), given)
        waiting = [asyncio.ensure_future(ended(subject, call_with(), backend)) for _ in range(3)]
        await asyncio.sleep(0)
        began = loop.time()
        assert await ended(subject, call_with(), backend) == "overloaded"
        seconds = loop.time() - began
        return await asyncio.gather(*waiting), seconds, shed(given, "queue_full")

    assert timeless(run()) == (["ok"] * 3, 0.0, 1)


@pytest.mark.parametrize(("wait", "seconds", "over"), [(0.3, 60.0, 0.3), (30.0, 0.2, 0.2), (0.0, 60.0, 0.0)])
def test_a_wait_ends_with_the_queues_time_or_the_calls(wait: float, seconds: float, over: float) -> None:
    async def run() -> float:
        given, loop = services(), asyncio.get_running_loop()
        subject = bulkhead(source(concurrency=1, queue=queue(5, wait)), given)
        busy = asyncio.ensure_future(subject(call_with(), Backend((50.0, "late"))))
        await asyncio.sleep(0)
        began = loop.time()
        assert await ended(subject, call_with(seconds), Backend((0.0, "fine"))) == "overloaded", "our queue, not the backend, was late"
        busy.cancel()
        await asyncio.wait([busy])
        assert (shed(given, "waited"), shed(given, "queue_full")) == (1, 0)
        return loop.time() - began

    assert timeless(run()) == pytest.approx(over, abs=0.002)


def test_without_a_queue_written_so_many_wait_as_long_as_they_have() -> None:
    async def run() -> list[str]:
        subject, backend = bulkhead(source(concurrency=1)), Backend((0.1, "fine"))
        return await asyncio.gather(*(ended(subject, call_with(60.0), backend) for _ in range(WAITING + 3)))

    outcomes = timeless(run())
    assert (outcomes.count("ok"), outcomes.count("overloaded")) == (WAITING + 1, 2)


def test_a_rate_lets_so_many_go_in_a_second() -> None:
    async def run() -> list[float]:
        subject, backend = bulkhead(source(rate=SourceRate(requests_per_second=4.0))), Backend((10.0, "fine"))
        await asyncio.gather(*(subject(call_with(), backend) for _ in range(9)))
        return backend.waits

    assert timeless(run()) == pytest.approx([0.25] * 8, abs=0.0001)


def test_calls_that_fail_give_their_place_back() -> None:
    async def run() -> list[str]:
        subject, backend = bulkhead(source(concurrency=1, queue=queue(0, 1.0))), Backend((0.0, Unavailable()))
        return [await ended(subject, call_with(), backend) for _ in range(5)]

    assert timeless(run()) == ["unavailable"] * 5


def test_how_long_a_call_waited_is_known_to_who_times_it() -> None:
    async def run() -> list[float]:
        subject, calls = bulkhead(source(concurrency=1)), [call_with() for _ in range(3)]
        await asyncio.gather(*(subject(call, Backend((1.0, "fine"))) for call in calls))
        return [call.waited for call in calls]

    assert timeless(run()) == [0.0, 1.0, 2.0]


def test_its_timer_is_stopped_with_the_gateway() -> None:
    async def run() -> None:
        given = services()
        subject = bulkhead(source(concurrency=1), given)
        calls = [asyncio.ensure_future(subject(call_with(1e6), Backend((0.5, "fine")))) for _ in range(2)]
        await asyncio.gather(*calls)
        await given.close()
        loop: Any = asyncio.get_running_loop()
        assert not [timer for timer in loop._scheduled if not timer.cancelled()]

    timeless(run())


class Storm:
    """Calls that come, fail, are cancelled or run out of time in any order, over two operations of a source."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.most = self.dice.randint(1, 5)
        rate = self.dice.choice([None, SourceRate(requests_per_second=50.0)])
        config = source(concurrency=self.most, rate=rate, queue=queue(self.dice.choice([0, 3, 20]), self.dice.choice([0.0, 0.1, 5.0])))
        self.given, shared = services(), {}
        self.subjects = [bulkhead(config, self.given, shared=shared, name=name) for name in ("a", "b")]
        self.busy = 0

    async def backend(self, call: Call) -> Result:
        self.busy += 1
        assert self.busy <= self.most
        try:
            await asyncio.sleep(self.dice.choice([0.0, 0.0, 0.01, 0.3]))
            if self.dice.random() < 0.2:
                raise Unavailable
            return value("fine")
        finally:
            self.busy -= 1

    async def run(self) -> None:
        dice, calls = self.dice, []
        for _ in range(60):
            call = call_with(dice.choice([0.05, 1.0, 60.0]))
            calls.append(asyncio.ensure_future(ended(dice.choice(self.subjects), call, self.backend)))
            if dice.random() < 0.4:
                await asyncio.sleep(dice.choice([0.0, 0.01, 0.1]))
            if dice.random() < 0.3:
                dice.choice(calls).cancel()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert {each for each in outcomes if isinstance(each, str)} <= {"ok", "unavailable", "overloaded"}
        assert all(isinstance(each, str | asyncio.CancelledError) for each in outcomes)
        assert self.given.standings.told("erp") == {"in_flight": 0, "waiting": 0}
        await asyncio.sleep(10)
        held = [asyncio.ensure_future(ended(self.subjects[0], call_with(), Backend((9.0, "fine")))) for _ in range(self.most)]
        await asyncio.sleep(1)
        assert self.given.standings.told("erp") == {"in_flight": self.most, "waiting": 0}, "every place is there again"
        assert await asyncio.gather(*held) == ["ok"] * self.most


def test_thousands_of_interleavings() -> None:
    for seed in range(100):
        storm = Storm(seed)
        timeless(storm.run())
        assert storm.busy == 0
