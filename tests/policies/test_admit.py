"""What the stage gives up once intent and tenant are known, and whom it remembers."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.admit import RETRY_AFTER, AdmitConfig, build, component, refusal
from gateway.policies.pressure import LASTING, Pressure
from gateway.policies.priorities import CHAT_PATH, INTENT_PATH, Priorities
from gateway.sdk import Answer, Exchange, Overloaded, Tenant
from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL
from gateway.testing import FakeServices
from tests.policies.exchanges import FakeCard, FixedClock, make_caller, make_exchange

PRIORITIES = Priorities({"block_card": CRITICAL, "list_offers": LOW}, {"acme": HIGH})


class Rig:
    """The stage with a pressure and a clock of its own; `passed` is what went on."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.services = FakeServices(clock=self.clock)
        self.pressure = Pressure(PRIORITIES, credentials=("authorization", "x-api-key"))
        self.passed: list[Exchange] = []
        stage = build(AdmitConfig(pressure=self.pressure), self.services)
        assert stage is not None
        self._stage = stage

    async def proceed(self, exchange: Exchange) -> Answer:
        self.passed.append(exchange)
        return Answer("complete")

    async def run(self, name: str, /, *, tenant: str = "default", **members: Any) -> bool:
        """Whether it went on."""
        given = {"chosen": FakeCard(name), "caller": make_caller("customer"), "path": f"{INTENT_PATH}{name}", **members}
        exchange = make_exchange(**given)
        exchange.tenant = Tenant(tenant, {"id": tenant})
        try:
            await self._stage(exchange, self.proceed)
        except Overloaded:
            return False
        return self.passed[-1] is exchange

    def shed(self, priority: str, reason: str) -> float:
        return self.services.metrics.total("gateway_shed_total", priority=priority, reason=reason)


def test_without_a_server_in_front_it_is_not_in_the_chain() -> None:
    assert build(AdmitConfig(), FakeServices()) is None
    assert component.phase == "admit"


def test_whoever_is_refused_may_come_again() -> None:
    assert (refusal().code, refusal().retry_after) == ("overloaded", RETRY_AFTER)


async def test_where_there_is_room_all_go_on() -> None:
    rig = Rig()
    assert [await rig.run(intent) for intent in ("block_card", "track_order", "list_offers")] == [True] * 3


@pytest.mark.parametrize(
    ("room_for", "going_on"),
    [
        (LOW, [True, True, True, True]),
        (NORMAL, [True, True, True, False]),
        (HIGH, [True, True, False, False]),
        (CRITICAL, [True, False, False, False]),
    ],
)
async def test_short_memory_leaves_the_more_important(room_for: int, going_on: list[bool]) -> None:
    rig = Rig()
    rig.pressure.room_for = room_for
    requests = [("block_card", "default"), ("track_order", "acme"), ("track_order", "default"), ("list_offers", "default")]
    assert [await rig.run(intent, tenant=tenant) for intent, tenant in requests] == going_on
    shed = [rig.shed(priority, "memory") for priority in ("critical", "high", "normal", "low")]
    assert shed == [0 if passed else 1 for passed in going_on]


async def test_who_seemed_more_important_than_it_is_goes_while_its_like_has_to() -> None:
    rig = Rig()
    rig.pressure.gave_up(LOW, rig.clock.seconds)
    assert not await rig.run("list_offers", path=CHAT_PATH, raw_body=b'{"context": {"intent": "block_card"}, "intent": "list_offers"}')
    assert rig.passed == []
    assert rig.shed("low", "misjudged") == 1
    assert rig.shed("critical", "misjudged") == 0


async def test_who_waited_for_what_it_is_goes_on() -> None:
    rig = Rig()
    rig.pressure.gave_up(LOW, rig.clock.seconds)
    assert await rig.run("list_offers")
    assert await rig.run("list_offers", path=CHAT_PATH, raw_body=b'{"intent": "list_offers"}')


async def test_who_seemed_less_important_goes_on() -> None:
    rig = Rig()
    rig.pressure.gave_up(CRITICAL, rig.clock.seconds)
    assert await rig.run("block_card", path=CHAT_PATH, raw_body=b'{"intent": "list_offers"}')


async def test_a_free_text_seems_normal_whatever_it_turns_out_to_be() -> None:
    rig = Rig()
    rig.pressure.gave_up(LOW, rig.clock.seconds)
    assert not await rig.run("list_offers", path=CHAT_PATH, raw_body=b'{"text": "any offers?"}')


async def test_a_route_seems_to_be_the_intent_that_it_names() -> None:
    rig = Rig()
    rig.pressure.gave_up(LOW, rig.clock.seconds)
    assert await rig.run("list_offers", path="/offers", route="offers", intent="list_offers")
    assert not await rig.run("list_offers", path="/offers")


async def test_a_misjudged_one_goes_on_where_no_other_had_to_go_lately() -> None:
    rig = Rig()
    rig.pressure.gave_up(LOW, rig.clock.seconds)
    misjudged: dict[str, Any] = {"path": CHAT_PATH, "raw_body": b"{}"}
    assert not await rig.run("list_offers", **misjudged)
    rig.clock.seconds += LASTING
    assert await rig.run("list_offers", **misjudged)


async def test_whose_a_credential_is_gets_known() -> None:
    rig = Rig()
    await rig.run("track_order", tenant="acme", headers={"x-api-key": "k-1"})
    assert rig.pressure.callers.tenant("k-1") == "acme"


async def test_it_gets_known_of_those_too_for_whom_there_is_no_room() -> None:
    rig = Rig()
    rig.pressure.room_for = CRITICAL
    assert not await rig.run("track_order", tenant="acme", headers={"x-api-key": "k-1"})
    assert rig.pressure.callers.tenant("k-1") == "acme"


async def test_what_a_stranger_presents_tells_nothing() -> None:
    rig = Rig()
    await rig.run("track_order", tenant="acme", headers={"x-api-key": "k-1"}, caller=make_caller(anonymous=True))
    assert rig.pressure.callers.tenant("k-1") is None


@pytest.mark.parametrize("missing", ["chosen", "caller"])
async def test_it_comes_behind_those_who_tell_caller_and_intent(missing: str) -> None:
    with pytest.raises(RuntimeError, match="does not know"):
        await Rig().run("track_order", **{missing: None})
