"""What begins, waits and is refused at the front, with a loop and a clock that stand still between two turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL
from gateway.server.admission import Admission, Rank
from gateway.server.turn_size import LONG, SHORT

WAIT = 0.6
FEW = 8
"""How many may begin in the first turn."""


class FakeLoop:
    def __init__(self) -> None:
        self.soon: list[Callable[[], object]] = []
        self.timers: list[tuple[float, Callable[[], object]]] = []

    def call_soon(self, call: Callable[..., object], *given: Any) -> None:
        self.soon.append(lambda: call(*given))

    def call_later(self, delay: float, call: Callable[..., object], *given: Any) -> object:
        self.timers.append((delay, lambda: call(*given)))
        return object()


class FakeVisit:
    def __init__(self, front: Front, name: str, rank: int | None, tenant: str) -> None:
        self.name = name
        self.seems = None if rank is None else Rank(rank, tenant, "")
        self.gone = False
        self._front = front

    def begin(self) -> None:
        self._front.begun.append(self.name)

    def refuse(self) -> None:
        self._front.refused.append(self.name)


class Front:
    """An admission and what it did."""

    def __init__(self, most: int = 1000) -> None:
        self.now = 100.0
        self.begun: list[str] = []
        self.refused: list[str] = []
        self.shed: list[tuple[int, str, float]] = []
        self.judged: list[str] = []
        self.room_for = LOW
        self.fake = FakeLoop()
        self.loop = cast("asyncio.AbstractEventLoop", self.fake)
        self.admission: Admission[FakeVisit] = Admission(
            wait=WAIT,
            most=most,
            judge=self._judge,
            room_for=lambda: self.room_for,
            shed=lambda rank, reason, now: self.shed.append((rank, reason, now)),
            clock=lambda: self.now,
        )

    def _judge(self, visit: FakeVisit) -> Rank | None:
        self.judged.append(visit.name)
        return visit.seems

    def comes(self, name: str, rank: int | None = NORMAL, tenant: str = "acme") -> FakeVisit:
        visit = FakeVisit(self, name, rank, tenant)
        self.admission.wait(visit, self.loop)
        return visit

    def turn(self, seconds: float = (SHORT + LONG) / 2) -> list[str]:
        """One turn of the loop that takes so long, by default neither short nor long; who began in it."""
        before = len(self.begun)
        self.now += seconds
        ready, self.fake.soon = self.fake.soon, []
        assert len(ready) <= 1, "asked for more than one turn"
        for call in ready:
            call()
        return self.begun[before:]

    def leave(self, count: int = 1) -> None:
        for _ in range(count):
            self.admission.left(self.loop)


def full(most: int = 1000) -> Front:
    """One whose limit is reached: nothing begins until something is over."""
    front = Front(most)
    front.admission.limit.most = 0
    return front


def test_nothing_begins_before_the_next_turn() -> None:
    front = Front()
    front.comes("a")
    assert front.begun == []
    assert front.admission.depth == 1
    assert front.turn() == ["a"]
    assert (front.admission.depth, front.admission.under_way) == (0, 1)


def test_a_few_begin_in_each_turn_and_the_others_in_the_next() -> None:
    front = Front()
    few = FEW + 1
    names = [f"{number:02}" for number in range(few * 2 + 1)]
    for name in names:
        front.comes(name)
    assert front.turn() == names[:few], "one more, since nothing was to be gone on with"
    assert front.admission.depth == few + 1
    assert front.turn() == names[few : few * 2]
    assert front.turn() == names[few * 2 :]
    assert front.refused == []


def test_after_a_long_turn_fewer_begin() -> None:
    front = Front()
    front.admission.at_once(front.loop)
    front.now += 0.01
    for number in range(FEW):
        front.comes(str(number))
    assert len(front.turn(0.0)) == FEW // 2


def test_the_time_for_reading_what_came_is_no_work() -> None:
    front = Front()
    for number in range(FEW):
        front.comes(str(number))
    assert len(front.turn(0.01)) == FEW
    assert front.admission.lag > 0.009, "but all of it is the loop's lateness"


def test_an_idle_front_wants_no_turns() -> None:
    front = Front()
    front.comes("a")
    front.turn()
    front.turn()
    assert (front.fake.soon, front.fake.timers) == ([], [])


def test_the_important_begin_first_and_tenants_take_turns() -> None:
    front = full()
    for name, rank, tenant in [("l1", NORMAL, "loud"), ("l2", NORMAL, "loud"), ("c1", NORMAL, "calm"), ("h", HIGH, "loud")]:
        front.comes(name, rank, tenant)
    front.turn()
    front.admission.limit.most = 3
    front.admission.under_way = 1
    front.leave()
    assert front.turn() == ["h", "l1", "c1"]
    front.leave()
    assert front.turn() == ["l2"]


def test_who_comes_now_does_not_overtake_who_waits() -> None:
    front = full()
    front.comes("a")
    front.turn()
    front.admission.limit.most = 1
    front.comes("b")
    assert front.turn() == ["a"]


def test_what_does_not_wait_begins_although_the_limit_is_reached() -> None:
    front = full()
    front.comes("a")
    front.comes("healthz", None)
    assert front.turn() == ["healthz"]


def test_where_all_may_begin_nobody_is_looked_at() -> None:
    front = Front()
    front.comes("a")
    front.turn()
    assert front.judged == []


def test_under_the_limit_one_begins_for_each_that_is_over() -> None:
    front = Front()
    front.admission.limit.most = 2
    for name in "abcd":
        front.comes(name)
    assert front.turn() == ["a", "b"]
    assert front.turn() == []
    front.leave()
    assert front.turn() == ["c"]
    assert front.admission.under_way == 2


def test_who_waited_too_long_is_refused_and_that_is_told() -> None:
    front = full()
    front.comes("a", HIGH)
    front.turn()
    [(delay, ring)] = front.fake.timers
    assert 0 < delay <= WAIT
    front.now = 100.0 + WAIT
    ring()
    front.turn(0.0)
    assert front.refused == ["a"]
    assert front.shed == [(HIGH, "waited", 100.0 + WAIT)]
    assert (front.begun, front.admission.depth, front.admission.under_way) == ([], 0, 0)


def test_the_bell_for_the_next_is_set_after_the_first() -> None:
    front = full()
    front.comes("a")
    front.turn()
    front.comes("b")
    front.turn()
    assert len(front.fake.timers) == 1, "one bell is enough"
    front.fake.timers.pop()[1]()
    front.turn(0.0)
    assert len(front.fake.timers) == 1


def test_who_hung_up_neither_begins_nor_is_refused() -> None:
    front = full()
    front.comes("a").gone = True
    front.comes("b")
    front.turn()
    front.admission.limit.most = 1
    front.admission.under_way = 1
    front.leave()
    assert front.turn() == ["b"]
    assert front.refused == []


def test_who_hung_up_is_not_counted_as_refused_when_the_time_is_over() -> None:
    front = full()
    front.comes("a").gone = True
    front.comes("b")
    front.turn()
    front.fake.timers.pop()[1]()
    front.turn(WAIT)
    assert front.refused == ["b"]
    assert [reason for _, reason, _ in front.shed] == ["waited"]
    assert front.admission.depth == 0


def test_without_memory_for_a_rank_it_is_refused_and_the_more_important_are_not() -> None:
    front = Front()
    front.room_for = HIGH
    for name, rank in [("n", NORMAL), ("h", HIGH), ("c", CRITICAL), ("l", LOW)]:
        front.comes(name, rank)
    assert front.turn() == ["c", "h"]
    assert front.refused == ["n", "l"]
    assert [(rank, reason) for rank, reason, _ in front.shed] == [(NORMAL, "memory"), (LOW, "memory")]


def test_where_too_many_wait_the_least_important_has_to_go() -> None:
    front = full(most=2)
    for name, rank in [("l", LOW), ("n", NORMAL), ("h", HIGH)]:
        front.comes(name, rank)
    front.turn()
    assert front.refused == ["l"]
    assert [(rank, reason) for rank, reason, _ in front.shed] == [(LOW, "queue_full")]
    assert front.admission.depth == 2


def test_at_once_counts_as_begun() -> None:
    front = Front()
    assert [front.admission.at_once(front.loop) for _ in range(FEW + 1)] == [True] * FEW + [False]
    assert front.admission.under_way == FEW
    front.turn()
    assert front.admission.at_once(front.loop), "the next turn has its own"


def test_nobody_begins_at_once_before_those_who_wait() -> None:
    front = Front()
    front.comes("a")
    assert not front.admission.at_once(front.loop), "not read yet"
    front.turn()
    assert front.admission.at_once(front.loop)
    waiting = full()
    waiting.comes("b")
    waiting.turn()
    waiting.admission.limit.most = 10
    assert not waiting.admission.at_once(waiting.loop), "in the queue"


def test_nobody_begins_at_once_at_the_limit_or_where_memory_is_short() -> None:
    front = Front()
    front.admission.limit.most = 1
    assert front.admission.at_once(front.loop)
    assert not front.admission.at_once(front.loop)
    front = Front()
    front.room_for = NORMAL
    assert not front.admission.at_once(front.loop)


def test_late_turns_shrink_the_limit() -> None:
    front = Front()
    before = front.admission.limit.most
    for name in "ab":
        front.comes(name)
        front.turn(0.2)
    assert front.admission.limit.most < before / 10
