"""Input, wanted fields, and how long there is."""

from __future__ import annotations

import pytest

from gateway.policies.validate import component
from gateway.sdk import Exchange, InvalidRequest, Malformed
from tests.policies.exchanges import FakeCard, FakeServices, digits_only, identified, make_caller, pass_on


async def validate(exchange: Exchange) -> Exchange:
    assert component.build is not None
    await component.build(component.Config(), FakeServices())(exchange, pass_on)
    return exchange


def asked(**members: object) -> Exchange:
    card = FakeCard("track_order", read=digits_only("order_id"), output_schema={"properties": {"state": {}}})
    return identified(make_caller("customer"), chosen=card, **members)


async def test_the_scope_is_completed() -> None:
    exchange = await validate(asked(input={"order_id": "1007"}, session="s-1"))
    assert exchange.scope is not None
    assert exchange.scope["input"] == {"order_id": "1007"}
    assert exchange.scope["flags"] == {"new_model": True}
    assert exchange.scope["session"] == {"id": "s-1", "context": {}, "preferences": {}, "turns": [], "pending": None, "new": True}


async def test_texts_may_stand_for_numbers() -> None:
    seen: list[bool] = []

    def read(given: dict[str, object], from_text: bool) -> dict[str, object]:
        seen.append(from_text)
        return {"count": 3}

    exchange = await validate(identified(make_caller("customer"), chosen=FakeCard("search", read=read), input={"count": "3"}))
    assert (exchange.input, seen) == ({"count": 3}, [True])


async def test_faults_are_placed_below_input() -> None:
    with pytest.raises(InvalidRequest) as refused:
        await validate(asked(input={}))
    assert refused.value.details == ({"pointer": "/input/order_id", "message": "is required"},)


@pytest.mark.parametrize(("limit", "deadline"), [(None, 102.0), (0.5, 100.5), (60.0, 102.0)])
async def test_the_caller_may_only_shorten_the_deadline(limit: float | None, deadline: float) -> None:
    assert (await validate(asked(input={"order_id": "1"}, deadline_limit=limit))).deadline == deadline


async def test_unknown_fields_are_refused_before_anything_is_done() -> None:
    with pytest.raises(Malformed):
        await validate(asked(input={"order_id": "1"}, fields=["state", "stat"]))
    await validate(asked(input={"order_id": "1"}, fields=["state"]))
