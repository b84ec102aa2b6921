"""Request ids and trace context: what is kept, what is made anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.trace import REQUEST_ID, Drawer, component, continued, request_id
from tests.policies.exchanges import NOON, FakeServices, make_exchange, pass_on

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


async def test_a_request_gets_an_id_and_a_span() -> None:
    assert component.build is not None
    stage = component.build(component.Config(), FakeServices())
    exchange = make_exchange(headers={"x-request-id": "abc-1", "traceparent": f"00-{TRACE}-{SPAN}-01"})
    assert (await stage(exchange, pass_on)).status == "complete"
    assert exchange.request_id == "abc-1"
    assert exchange.traceparent is not None
    assert exchange.traceparent.startswith(f"00-{TRACE}-")
    assert SPAN not in exchange.traceparent
    assert exchange.traceparent.endswith("-01")


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "a\r\nSet-Cookie: x", "ü", "a/b"])
def test_an_unusable_id_gives_way_to_a_new_one(given: str | None) -> None:
    made = request_id(given, NOON)
    assert made != given
    assert len(made) == 26
    assert REQUEST_ID.fullmatch(made)


def test_new_ids_sort_by_time_and_differ() -> None:
    earlier, later = request_id(None, NOON), request_id(None, NOON + timedelta(milliseconds=1))
    assert earlier < later
    assert len({request_id(None, NOON) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        f"00-{TRACE}-{SPAN}",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f" 00-{TRACE}-{SPAN}-01",
    ],
)
def test_an_unreadable_traceparent_starts_a_new_trace(given: str | None) -> None:
    made = continued(given)
    assert TRACE not in made
    assert made.endswith("-00")
    assert continued(made).split("-")[1] == made.split("-")[1]


def test_a_later_version_is_continued_as_far_as_it_is_known() -> None:
    assert continued(f"cc-{TRACE}-{SPAN}-09-what.comes").split("-")[:2] == ["00", TRACE]
    assert continued(f"cc-{TRACE}-{SPAN}-09-what.comes").endswith("-01")


@given(st.text())
def test_anything_gives_a_valid_traceparent(text: str) -> None:
    version, trace, span, flags = continued(text).split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "00")
    assert trace.strip("0")
    assert span.strip("0")


def test_random_bytes_are_used_once() -> None:
    drawer = Drawer()
    drawn = [drawer.draw(34) for _ in range(500)]
    assert len(set(drawn)) == 500
    assert {len(some) for some in drawn} == {34}


def test_a_span_of_zeros_is_drawn_again() -> None:
    draws = iter([b"\0" * 16, b"\1" * 16, b"\0" * 8, b"\2" * 8])
    assert continued(None, lambda size: next(draws)) == f"00-{'01' * 16}-{'02' * 8}-00"
