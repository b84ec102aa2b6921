"""A request of a connection, before it is served."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.server.visit import HttpVisit


class FakeTransport:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def write(self, data: bytes) -> None:
        self.events.append(data)

    def close(self) -> None:
        self.events.append("close")


class FakeCycle:
    """What a visit sees of uvicorn's cycle of a request and its response."""

    def __init__(self, *, keep_alive: bool = True) -> None:
        self.scope = {"type": "http", "path": "/v1/chat"}
        self.body = bytearray(b"half")
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_started = False
        self.response_complete = False
        self.message_event = asyncio.Event()
        self.transport = FakeTransport()

    def on_response(self) -> None:
        assert self.response_started
        assert self.response_complete
        self.transport.events.append("on_response")


def make_visit(cycle: FakeCycle, started: list[Any] | None = None) -> HttpVisit:
    begun: list[Any] = [] if started is None else started
    return HttpVisit(cycle, begun.append, lambda visit: b"answer to " + visit.scope["path"].encode())  # type: ignore[arg-type]


def test_it_tells_of_its_cycle_as_that_is_now() -> None:
    cycle = FakeCycle(keep_alive=False)
    visit = make_visit(cycle)
    cycle.body += b" of it"
    assert (visit.scope, bytes(visit.body), visit.keep_alive) == ({"type": "http", "path": "/v1/chat"}, b"half of it", False)


def test_it_tells_who_hung_up() -> None:
    cycle = FakeCycle()
    visit = make_visit(cycle)
    assert not visit.gone
    cycle.disconnected = True
    assert visit.gone


def test_begin_has_the_cycle_served_and_answers_nothing_itself() -> None:
    cycle = FakeCycle()
    started: list[Any] = []
    visit = make_visit(cycle, started)
    assert started == [], "not before it may"
    visit.begin()
    assert started == [cycle]
    assert cycle.transport.events == []
    assert not cycle.response_started


@pytest.mark.parametrize(("keep_alive", "closed"), [(True, []), (False, ["close"])])
def test_refuse_answers_for_that_request_and_closes_only_what_does_not_stay_open(keep_alive: bool, closed: list[str]) -> None:
    cycle = FakeCycle(keep_alive=keep_alive)
    make_visit(cycle).refuse()
    assert cycle.transport.events == [b"answer to /v1/chat", *closed, "on_response"]


def test_refuse_wakes_whoever_waits_for_the_rest_of_the_body_and_starts_nothing() -> None:
    cycle = FakeCycle()
    started: list[Any] = []
    make_visit(cycle, started).refuse()
    assert cycle.message_event.is_set()
    assert started == []
