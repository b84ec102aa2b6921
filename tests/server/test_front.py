"""The front joins admission, plan, metrics and log; what each does has tests of its own."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from gateway.policies.pressure import Pressure
from gateway.policies.priorities import Priorities
from gateway.runtime.cross_origin import CrossOrigin
from gateway.runtime.plan import Plan, QueueSettings
from gateway.sdk.priority import CRITICAL, LOW, PRIORITIES
from gateway.server.front import FEW, FORGOTTEN, Front
from gateway.server.memory_ladder import INTERVAL
from gateway.server.serving import Serving
from gateway.server.visit import HttpVisit
from gateway.testing.services import FakeMetrics
from tests.server.gateways import make_plan
from tests.virtual_time import in_virtual_time

SHOP = "https://shop.example"


class Wire:
    """A request whose head has been read, as far as the front and its visit look at it."""

    def __init__(self, front: Front, intent: str = "track_order", *, method: str = "POST", keep_alive: bool = True) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": f"/v1/intents/{intent}",
            "raw_path": f"/v1/intents/{intent}".encode(),
            "headers": [(b"host", b"gateway.example"), (b"origin", SHOP.encode())],
            "client": ("192.0.2.9", 40000),
        }
        self.body = bytearray()
        self.keep_alive = keep_alive
        self.disconnected = self.response_started = self.response_complete = False
        self.message_event = asyncio.Event()
        self.transport = SimpleNamespace(write=self._write, close=lambda: None)
        self.begun = False
        self.told = b""
        self.visit = HttpVisit(self, self._begin, front.answer)  # type: ignore[arg-type]

    def on_response(self) -> None:
        """Nothing more is to be done."""

    def _write(self, written: bytes) -> None:
        self.told += written

    def _begin(self, _: Any) -> None:
        self.begun = True


def make_front(plan: Plan | None = None) -> tuple[Front, FakeMetrics, Serving]:
    serving, metrics = Serving(plan or make_plan()), FakeMetrics()
    return Front(lambda: serving, metrics), metrics, serving


def with_server(plan: Plan, **settings: Any) -> Plan:
    return msgspec.structs.replace(plan, server=msgspec.structs.replace(plan.server, **settings))


async def turns(many: int = 5) -> None:
    for _ in range(many):
        await asyncio.sleep(0)


async def test_all_is_counted_from_the_beginning() -> None:
    _, metrics, _ = make_front()
    counted = {
        f'gateway_shed_total{{priority="{priority}",reason="{reason}"}}'
        for priority in PRIORITIES
        for reason in ("memory", "queue_full", "waited")
    }
    assert set(metrics.meters) == counted


async def test_gauges_tell_of_the_admission() -> None:
    front, metrics, _ = make_front()
    loop = asyncio.get_running_loop()
    assert front.admission.at_once(loop)
    front.admission.wait(Wire(front).visit, loop)
    front.admission.lag = 0.25
    read = {name: gauge() for name, gauge in metrics.gauges.items()}
    assert read == {
        "gateway_loop_lag_seconds": 0.25,
        "gateway_queue_depth": 1,
        "gateway_requests_under_way": 1,
        "gateway_concurrency_limit": front.admission.limit.most,
    }
    await turns()


async def test_fewer_connections_are_accepted_while_requests_wait() -> None:
    front, _, _ = make_front()
    before = front.welcome(100)
    front.admission.wait(Wire(front).visit, asyncio.get_running_loop())
    assert (before, front.welcome(100)) == (100, FEW)
    await turns()
    assert front.welcome(100) == 100


async def test_what_memory_leaves_no_room_for_is_refused_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="gateway.overload")
    pressure = Pressure(Priorities({"block_card": CRITICAL, "list_offers": LOW}))
    front, metrics, _ = make_front(make_plan(pressure=pressure))
    pressure.room_for = CRITICAL
    offers, card = Wire(front, "list_offers"), Wire(front, "block_card")
    for wire in (offers, card):
        front.admission.wait(wire.visit, asyncio.get_running_loop())
    await turns()
    assert (offers.begun, card.begun) == (False, True)
    assert offers.told.startswith(b"HTTP/1.1 503 ")
    assert card.told == b""
    assert metrics.total("gateway_shed_total", priority="low", reason="memory") == 1
    assert metrics.total("gateway_shed_total", priority="critical", reason="memory") == 0
    crowded = [pressure.crowded(rank, asyncio.get_running_loop().time()) for rank in (CRITICAL, LOW)]
    assert crowded == [False, True]
    assert len(caplog.records) == 1


def test_the_queue_is_as_long_as_the_plan_says() -> None:
    async def work() -> None:
        front, metrics, _ = make_front(make_plan(queue=QueueSettings(wait=100.0, most=2)))
        front.admission.under_way = front.admission.limit.most
        wires = [Wire(front) for _ in range(5)]
        for wire in wires:
            front.admission.wait(wire.visit, asyncio.get_running_loop())
        await turns()
        assert front.admission.depth == 2
        assert sum(bool(wire.told) for wire in wires) == 3
        assert metrics.total("gateway_shed_total", priority="normal", reason="queue_full") == 3

    in_virtual_time(work())


async def test_an_answer_fits_its_request() -> None:
    front, _, _ = make_front(with_server(make_plan(), cross_origin=CrossOrigin(frozenset({SHOP}))))
    whole = front.answer(Wire(front).visit)
    head = front.answer(Wire(front, method="HEAD").visit)
    last = front.answer(Wire(front, keep_alive=False).visit)
    assert b"\r\naccess-control-allow-origin: https://shop.example\r\n" in whole
    assert b'"code":"overloaded"' in whole
    assert head.endswith(b"\r\n\r\n")
    assert [b"\r\nconnection: close\r\n" in answer for answer in (whole, head, last)] == [False, False, True]


class Shrinking:
    """A store of answers that only remembers how many were to be forgotten."""

    def __init__(self) -> None:
        self.forgotten: list[int] = []

    def shrink(self, many: int) -> None:
        self.forgotten.append(many)


def test_where_memory_is_short_there_is_less_room_and_answers_are_forgotten() -> None:
    answers = Shrinking()
    plan = msgspec.structs.replace(with_server(make_plan(), memory=1), answers=answers)

    async def work() -> None:
        front, _, serving = make_front(plan)
        front.start()
        await asyncio.sleep(2.5 * INTERVAL)
        front.stop()
        assert serving.plan.pressure.room_for == CRITICAL
        await asyncio.sleep(3 * INTERVAL)

    in_virtual_time(work())
    assert answers.forgotten == [FORGOTTEN, FORGOTTEN]


def test_where_there_is_plenty_nothing_follows() -> None:
    answers = Shrinking()
    plan = msgspec.structs.replace(with_server(make_plan(), memory=1 << 60), answers=answers)

    async def work() -> None:
        front, _, serving = make_front(plan)
        front.start()
        await asyncio.sleep(2.5 * INTERVAL)
        front.stop()
        assert serving.plan.pressure.room_for == LOW

    in_virtual_time(work())
    assert answers.forgotten == []


async def test_one_that_was_never_started_can_be_stopped() -> None:
    front, _, _ = make_front()
    front.stop()
    assert front.welcome(7) == 7
