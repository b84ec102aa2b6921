"""By name or by message, and what is said where neither leads anywhere."""

from __future__ import annotations

import pytest

from gateway.policies.understand import LONGEST_MESSAGE, component
from gateway.sdk import Access, Answer, Exchange, InvalidRequest, Malformed, NotFound, Scope
from tests.policies.exchanges import FakeCard, FakeServices, digits_only, identified, make_caller, pass_on

TRACK = FakeCard(
    "track_order",
    examples=("track {order_id}",),
    input_schema={"required": ["order_id"], "properties": {"order_id": {}}},
    read=digits_only("order_id"),
)
TICKET = FakeCard("create_ticket", examples=("open a ticket",), writes=True)
HIDDEN = FakeCard("lookup", access=Access(frozenset({"customer"}), internal=True))
STAFF = FakeCard("payroll", examples=("show my payroll",), access=Access(frozenset({"staff"})))


async def understand(exchange: Exchange) -> Answer:
    assert component.build is not None
    answer = await component.build(component.Config(), FakeServices(TRACK, TICKET, HIDDEN, STAFF))(exchange, pass_on)
    assert isinstance(answer, Answer)
    return answer


def asking(**members: object) -> Exchange:
    return identified(make_caller("customer"), **members)


async def test_a_name_is_looked_up() -> None:
    exchange = asking(intent="track_order", input={"order_id": "1"}, message="open a ticket")
    await understand(exchange)
    assert exchange.chosen is TRACK
    assert (exchange.input, exchange.confidence) == ({"order_id": "1"}, 1.0)


@pytest.mark.parametrize("name", ["track_ordr", "", "lookup", "__class__"])
async def test_unknown_and_internal_intents_are_not_there(name: str) -> None:
    with pytest.raises(NotFound):
        await understand(asking(intent=name))


async def test_a_message_brings_intent_and_input() -> None:
    exchange = asking(message="Track 1007!")
    await understand(exchange)
    assert exchange.chosen is TRACK
    assert exchange.input == {"order_id": "1007"}


async def test_given_input_wins_over_the_messages() -> None:
    exchange = asking(message="track 1007", input={"order_id": "5"})
    await understand(exchange)
    assert exchange.input == {"order_id": "5"}


async def test_an_unclear_message_is_answered_with_what_could_be_asked() -> None:
    exchange = asking(message="my payroll, please")
    answer = await understand(exchange)
    assert (answer.status, answer.error.code if answer.error else None) == ("failed", "invalid_request")
    assert answer.error is not None
    assert answer.error.detail_code == "intent_unclear"
    assert answer.reply is not None
    assert answer.reply.suggestions == ["track {order_id}", "open a ticket"]
    assert exchange.chosen is None


async def test_what_the_caller_may_not_use_is_not_understood() -> None:
    answer = await understand(asking(message="show my payroll"))
    assert answer.error is not None
    assert answer.error.detail_code == "intent_unclear"


async def test_a_message_never_writes() -> None:
    with pytest.raises(InvalidRequest) as refused:
        await understand(asking(message="open a ticket"))
    assert refused.value.detail_code == "confirmation_required"
    exchange = asking(message="open a ticket", intent="create_ticket")
    await understand(exchange)
    assert exchange.chosen is TICKET


@pytest.mark.parametrize("members", [{}, {"message": "x" * (LONGEST_MESSAGE + 1)}])
async def test_nothing_to_understand_is_malformed(members: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        await understand(asking(**members))


async def test_a_route_makes_its_input_from_what_is_known_of_the_caller() -> None:
    def compose(scope: Scope) -> dict[str, object]:
        return {"order_id": scope["user"]["id"]}

    exchange = asking(intent="track_order", compose=compose)
    await understand(exchange)
    assert exchange.input == {"order_id": "u1"}


async def test_anonymous_callers_get_a_session_nobody_can_guess() -> None:
    first, second = (identified(make_caller("x", anonymous=True), intent="track_order", session="s-1") for _ in range(2))
    await understand(first)
    await understand(second)
    assert first.session not in (None, "s-1", second.session)
    assert len(first.session or "") >= 20
    known = asking(intent="track_order", session="s-1")
    await understand(known)
    assert known.session == "s-1"
