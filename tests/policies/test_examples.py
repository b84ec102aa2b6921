"""Messages and the intents that they mean."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.examples import Examples, Text
from gateway.sdk import Access, IntentCard, InvalidRequest
from tests.policies.exchanges import FakeCard, digits_only

ORDER_ID = {"type": "object", "required": ["order_id"], "properties": {"order_id": {}}}


def anyone(card: IntentCard) -> bool:
    return True


def order_card(name: str, *examples: str) -> FakeCard:
    return FakeCard(name, examples=examples, input_schema=ORDER_ID, read=digits_only("order_id"))


def free_card(name: str, *examples: str, **properties: Any) -> FakeCard:
    return FakeCard(name, examples=examples, input_schema={"properties": properties})


TRACK = order_card("track_order", "where is my order 1007?", "track {order_id}")
HOURS = free_card("store_hours", "When are you open?")
SEARCH = free_card("product_search", "search for {query}", "search for {query} in {colour}", query={}, colour={})
CHANGE = free_card("change_address", "send {order_id} to {street} {city}", order_id={}, street={}, city={})
ALL = Examples([TRACK, HOURS, SEARCH, CHANGE])


def find(message: str, examples: Examples = ALL) -> tuple[str, dict[str, str]] | None:
    match = examples.find(Text(message), anyone)
    return (match.card.name, match.values) if match is not None else None


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("When are you open?", ("store_hours", {})),
        ("  when ARE\tyou,  open ", ("store_hours", {})),
        ("\uff37hen are you open", ("store_hours", {})),
        ("track 1007", ("track_order", {"order_id": "1007"})),
        ("TRACK #1007!", ("track_order", {"order_id": "1007"})),
        ("track \uff11\uff10\uff10\uff17", ("track_order", {"order_id": "1007"})),
        ("where is my order 1007?", ("track_order", {"order_id": "1007"})),
        ("Where is my order 42", ("track_order", {"order_id": "42"})),
        ("search for Garden Hose, 20m", ("product_search", {"query": "Garden Hose, 20m"})),
        ("search for hose in Dark Green", ("product_search", {"query": "hose", "colour": "Dark Green"})),
        ("search for a hose in a box in red", ("product_search", {"query": "a hose", "colour": "a box in red"})),
        ("send 7 to Elm St. 5 Springfield", ("change_address", {"order_id": "7", "street": "Elm", "city": "St. 5 Springfield"})),
    ],
)
def test_a_message_finds_its_intent(message: str, found: tuple[str, dict[str, str]]) -> None:
    assert find(message) == found


@pytest.mark.parametrize(
    "message",
    ["", "?!", "track", "track order", "track 1007 please", "track 12345678901", "when are you", "order 1007", "search for", "send 7 to x"],
)
def test_what_fits_no_example_means_nothing(message: str) -> None:
    assert find(message) is None


def test_the_most_specific_wins_whatever_the_order() -> None:
    cards = [
        free_card("any", "show {what}", what={}),
        free_card("orders", "show orders"),
        free_card("of", "show orders of {who}", who={}),
    ]
    for examples in (Examples(cards), Examples(cards[::-1])):
        assert find("show orders", examples) == ("orders", {})
        assert find("show orders of Ann", examples) == ("of", {"who": "Ann"})
        assert find("show stock", examples) == ("any", {"what": "stock"})


def test_two_intents_that_match_equally_well_are_unclear() -> None:
    examples = Examples([free_card("one", "show {a}", a={}), free_card("two", "show {b}", b={})])
    assert find("show it", examples) is None


def test_only_what_the_caller_may_use_is_found() -> None:
    assert ALL.find(Text("when are you open"), lambda card: card.name != "store_hours") is None


def test_internal_intents_are_never_meant() -> None:
    hidden = free_card("hidden", "open the vault")
    hidden.access = Access(frozenset({"customer"}), internal=True)
    assert find("open the vault", Examples([hidden])) is None


def test_a_slot_that_is_no_input_matches_nothing() -> None:
    assert find("track 1", Examples([free_card("track", "track {number}")])) is None


def test_one_slot_twice_needs_the_same_twice() -> None:
    examples = Examples([free_card("swap", "from {place} to {place}", place={})])
    assert find("from here to here", examples) == ("swap", {"place": "here"})
    assert find("from here to there", examples) is None


def test_a_word_stands_for_an_input_only_where_it_alone_fits() -> None:
    assert find("order 5 or order 9", Examples([order_card("both", "order 1 or order 2")])) is None
    assert find("order 1 or order 2", Examples([order_card("both", "order 1 or order 2")])) == ("both", {})
    assert find("17", Examples([order_card("bare", "1007")])) is None


def test_missing_inputs_are_no_reason_not_to_understand() -> None:
    def read(given: dict[str, Any], from_text: bool) -> dict[str, Any]:
        raise InvalidRequest(details=[{"pointer": "/street", "message": "is required"}])

    card = FakeCard("move", examples=("move {order_id}",), input_schema={"properties": {"order_id": {}, "street": {}}}, read=read)
    assert find("move 1", Examples([card])) == ("move", {"order_id": "1"})


def test_suggestions_are_the_closest_allowed_examples() -> None:
    closest = ALL.closest(Text("where is order"), anyone, 3)
    assert closest[0] == "where is my order 1007?"
    assert len(closest) == 3
    assert ALL.closest(Text("where is order"), lambda card: card.name == "store_hours", 3) == ["When are you open?"]
    assert ALL.closest(Text("xyzzy"), lambda card: False, 3) == []


def test_long_messages_take_linear_time() -> None:
    examples = Examples([free_card(f"i{n}", f"{{a}} and {{b}} and {{c}} x{n}", a={}, b={}, c={}) for n in range(200)])
    message = Text("and " * 1000 + " ".join(f"x{n}" for n in range(200)))
    started = time.process_time()
    examples.find(message, anyone)
    assert time.process_time() - started < 0.5


@given(st.text(max_size=200))
def test_any_text_is_understood_or_not_and_never_breaks(message: str) -> None:
    found = find(message)
    assert found is None or found[0] in {"track_order", "store_hours", "product_search", "change_address"}
    assert len(ALL.closest(Text(message), anyone, 3)) == 3


@given(st.from_regex(r"[0-9]{1,10}", fullmatch=True), st.sampled_from([" ", "  ", "\t", "\u3000"]), st.sampled_from(["", "?", "...", " !"]))
def test_every_number_can_be_tracked(number: str, space: str, end: str) -> None:
    assert find(f"Track{space}{number}{end}") == ("track_order", {"order_id": Text(number).normal})
