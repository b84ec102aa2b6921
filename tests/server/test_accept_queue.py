"""Whose turn it is of those that wait, who has waited too long, and who has to go where too many do."""

from __future__ import annotations

import gc
from weakref import ref

import pytest

from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL
from gateway.server.accept_queue import BRIEF, CREDIT, STANDING, AcceptQueue, Ticket

Queue = AcceptQueue[str]
WAIT = 0.6


def make_queue(*names: str, most: int = 1000) -> Queue:
    """Puts in tickets as in `put`, all at the time 0."""
    queue = Queue(most, WAIT)
    for name in names:
        put(queue, name)
    return queue


def put(queue: Queue, name: str, arrived: float = 0.0, rank: int = NORMAL) -> str | None:
    """`acme/ann/1` is one of the member `ann` of the tenant `acme`. Gives back who has to go."""
    tenant, member, _ = name.split("/")
    out = queue.put(Ticket(name, arrived, rank=rank, tenant=tenant, member=member))
    return None if out is None else out.visit


def order(queue: Queue) -> list[str]:
    taken = []
    while (ticket := queue.take()) is not None:
        taken.append(ticket.visit)
    return taken


def overdue(queue: Queue, now: float) -> list[str]:
    return [ticket.visit for ticket in queue.overdue(now)]


def test_nobody_waits_in_an_empty_queue() -> None:
    queue = make_queue()
    assert queue.take() is None
    assert overdue(queue, 1e9) == []
    assert len(queue) == 0


def test_the_more_important_go_first_whenever_they_came() -> None:
    queue = make_queue()
    for rank in (LOW, NORMAL, CRITICAL, HIGH):
        put(queue, f"acme/ann/{rank}", rank=rank)
    assert order(queue) == [f"acme/ann/{rank}" for rank in (CRITICAL, HIGH, NORMAL, LOW)]


def test_one_caller_goes_by_arrival() -> None:
    assert order(make_queue("a/x/1", "a/x/2", "a/x/3")) == ["a/x/1", "a/x/2", "a/x/3"]


def test_tenants_take_turns_however_much_one_asks_for() -> None:
    queue = make_queue("loud/x/1", "loud/x/2", "loud/x/3", "loud/x/4", "calm/x/1", "calm/x/2")
    assert order(queue) == ["loud/x/1", "calm/x/1", "loud/x/2", "calm/x/2", "loud/x/3", "loud/x/4"]


def test_callers_of_a_tenant_take_turns_and_many_of_them_get_no_more_than_its_share() -> None:
    queue = make_queue("a/x/1", "a/x/2", "a/y/1", "a/z/1", "b/w/1", "b/w/2")
    assert order(queue) == ["a/x/1", "b/w/1", "a/y/1", "b/w/2", "a/z/1", "a/x/2"]


def test_who_comes_back_gets_behind_those_who_wait() -> None:
    queue = make_queue("a/x/1", "b/x/1", "c/x/1")
    first = queue.take()
    assert first is not None
    put(queue, "a/x/2")
    assert order(queue) == ["b/x/1", "c/x/1", "a/x/2"]


def test_it_tells_how_many_wait() -> None:
    queue = make_queue("a/x/1", "a/x/2", "b/x/1", most=3)
    assert len(queue) == 3
    put(queue, "b/x/2")
    assert len(queue) == 3
    queue.take()
    assert len(queue) == 2
    assert len(overdue(queue, WAIT)) == 2
    assert len(queue) == 0


def test_whoever_waited_as_long_as_anybody_may_is_taken_out() -> None:
    queue = make_queue("a/x/1")
    put(queue, "b/x/1", 0.1)
    assert overdue(queue, WAIT - 0.01) == []
    assert overdue(queue, WAIT) == ["a/x/1"]
    assert order(queue) == ["b/x/1"]


def test_the_oldest_is_found_behind_those_whose_turn_came_before() -> None:
    queue = make_queue()
    for arrived, name in enumerate(("a/x/1", "a/x/2", "a/y/1")):
        put(queue, name, arrived * 0.1)
    assert [ticket.visit for ticket in (queue.take(), queue.take()) if ticket] == ["a/x/1", "a/y/1"]
    assert queue.next_overdue() == pytest.approx(0.1 + WAIT)
    assert overdue(queue, 0.1 + WAIT) == ["a/x/2"]


def test_in_a_line_that_has_stood_for_long_only_a_part_of_it_is_waited() -> None:
    queue = make_queue()
    arrivals = {f"a/x/{tenth}": tenth / 10 for tenth in range(8)}
    for name, arrived in arrivals.items():
        put(queue, name, arrived)
    now = 0.7
    gone = [name for name, arrived in arrivals.items() if arrived <= now - WAIT * STANDING + 1e-9]
    assert len(gone) == 7
    assert overdue(queue, now + 1e-6) == gone


def test_the_patience_of_a_line_that_stands_is_its_own() -> None:
    queue = make_queue("loud/x/1")
    put(queue, "loud/x/2", 0.3)
    put(queue, "calm/x/1", 0.3)
    assert overdue(queue, WAIT + 0.05) == ["loud/x/1", "loud/x/2"]
    assert order(queue) == ["calm/x/1"]


def test_a_line_that_was_empty_once_is_a_new_one() -> None:
    queue = make_queue("a/x/1")
    queue.take()
    put(queue, "a/x/2", 0.5)
    assert overdue(queue, WAIT + 0.1) == []
    assert overdue(queue, 0.5 + WAIT) == ["a/x/2"]


def test_next_overdue_is_of_the_oldest_of_all() -> None:
    queue = make_queue()
    put(queue, "a/x/1", 5.0, CRITICAL)
    put(queue, "b/x/1", 4.0, LOW)
    assert queue.next_overdue() == 4.0 + WAIT


def test_of_too_many_the_newest_of_the_longest_line_has_to_go() -> None:
    queue = make_queue("loud/x/1", "loud/x/2", "loud/y/1", "calm/x/1", most=4)
    assert put(queue, "calm/x/2") == "loud/x/2", "of the caller of whom most wait"
    assert order(queue) == ["loud/x/1", "calm/x/1", "loud/y/1", "calm/x/2"]


def test_of_too_many_the_least_important_has_to_go() -> None:
    queue = make_queue("loud/x/1", "loud/x/2", most=3)
    put(queue, "calm/x/1", rank=LOW)
    assert put(queue, "loud/x/3", rank=HIGH) == "calm/x/1"
    assert put(queue, "late/x/1", rank=LOW) == "late/x/1", "it may be the one that comes"
    assert order(queue) == ["loud/x/3", "loud/x/1", "loud/x/2"]


def test_who_had_to_go_is_not_overdue_later() -> None:
    queue = make_queue("a/x/1", most=1)
    assert put(queue, "a/x/2") == "a/x/2"
    assert overdue(queue, WAIT) == ["a/x/1"]


class Held:
    """Something that a queue may hold on to."""


def test_a_line_that_is_gone_holds_none_of_its_visits() -> None:
    queue: AcceptQueue[Held] = AcceptQueue(10, WAIT)
    seen = []
    for _ in range(3):
        held = Held()
        seen.append(ref(held))
        queue.put(Ticket(held, 0.0, rank=NORMAL, tenant="a", member="x"))
        del held
    for _ in range(3):
        queue.take()
    gc.collect()
    assert [each() for each in seen] == [None] * 3


def test_who_asked_for_less_before_has_some_turns_good() -> None:
    queue = make_queue(*(f"loud/x/{number}" for number in range(CREDIT * 3)))
    for _ in range(CREDIT * 2):
        queue.take()
    for number in range(CREDIT * 2):
        put(queue, f"calm/x/{number}")
    first = [ticket.visit for ticket in (queue.take() for _ in range(CREDIT + 1)) if ticket is not None]
    assert [name for name in first if name.startswith("loud")] in ([], [f"loud/x/{CREDIT * 2}"])
    rest = [name.partition("/")[0] for name in order(queue)]
    assert abs(rest[:20].count("loud") - rest[:20].count("calm")) <= 2, "then they take turns"


def test_a_line_in_which_turns_come_soon_does_not_stand() -> None:
    queue = make_queue()
    soon = WAIT * BRIEF / 2
    at = 0.0
    put(queue, "a/x/0", at)
    while at < WAIT * 2:
        at += soon
        put(queue, f"a/x/{at}", at)
        assert overdue(queue, at + soon) == []
        queue.take()
    put(queue, "a/x/last", at)
    assert overdue(queue, at + WAIT * STANDING * 2) == [], "two or three wait, but none for long"
