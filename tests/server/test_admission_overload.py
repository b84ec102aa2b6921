"""The front under three times what can be done, in a loop whose time passes by work alone: who is served, and who has to go."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import NamedTuple

from gateway.sdk.priority import HIGH, LOW, NORMAL
from gateway.server.admission import Admission, Rank
from tests.virtual_time import in_virtual_time

WORK, REFUSAL = 0.002, 0.00005
"""Seconds that a request and a refusal take of the only thread."""

PEAK = 1 / WORK
WAIT = 0.12


class Asked(NamedTuple):
    at: float
    rank: int
    tenant: str


class Visit:
    """A request that takes its work in two pieces, with a backend between them."""

    def __init__(self, front: Front, asked: Asked) -> None:
        self.asked = asked
        self.gone = False
        self.took: float | None = None
        self._front = front

    def begin(self) -> None:
        self._front.loop.call_soon(self._first)

    def _first(self) -> None:
        self._front.works(WORK / 2)
        self._front.loop.call_later(0.005, self._second)

    def _second(self) -> None:
        self._front.works(WORK / 2)
        self.took = self._front.loop.time() - self.asked.at
        self._front.admission.left(self._front.loop)

    def refuse(self) -> None:
        self._front.works(REFUSAL)


class Front:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.admission: Admission[Visit] = Admission(
            wait=WAIT,
            most=1000,
            judge=lambda visit: Rank(visit.asked.rank, visit.asked.tenant, ""),
            room_for=lambda: LOW,
            shed=lambda *_: None,
            clock=self.loop.time,
        )

    def works(self, seconds: float) -> None:
        self.loop._advance(seconds)  # type: ignore[attr-defined]

    async def serve(self, asked: list[Asked]) -> list[Visit]:
        """Reads whatever is due in each turn, as a loop reads sockets."""
        visits: list[Visit] = []
        for each in asked:
            if each.at > self.loop.time():
                await asyncio.sleep(each.at - self.loop.time())
            visit = Visit(self, each)
            visits.append(visit)
            if self.admission.at_once(self.loop):
                visit.begin()
            else:
                self.admission.wait(visit, self.loop)
        await asyncio.sleep(1.0)
        return visits


def arriving(rate: float, begin: float, end: float, *, rank: int = NORMAL, tenant: str = "acme") -> Iterator[Asked]:
    draw = random.Random(f"{rate} {rank} {tenant}")
    at = begin + draw.expovariate(rate)
    while at < end:
        yield Asked(at, rank, tenant)
        at += draw.expovariate(rate)


def served(*streams: Iterator[Asked]) -> list[Visit]:
    """What became of requests; their moments are on the loop's scale, which begins at 1000."""

    async def work() -> list[Visit]:
        front = Front()
        visits = await front.serve(sorted(each._replace(at=each.at + 1000.0) for stream in streams for each in stream))
        assert (front.admission.under_way, front.admission.depth) == (0, 0)
        return visits

    return in_virtual_time(work())


def share(visits: list[Visit]) -> float:
    return sum(visit.took is not None for visit in visits) / len(visits)


def of(visits: list[Visit], *, rank: int | None = None, tenant: str | None = None) -> list[Visit]:
    return [each for each in visits if rank in (None, each.asked.rank) and tenant in (None, each.asked.tenant)]


def test_three_times_the_peak() -> None:
    seconds = 4.0
    visits = served(arriving(PEAK * 2.4, 0, seconds), arriving(PEAK * 0.6, 0, seconds, rank=HIGH))
    assert sum(visit.took is not None for visit in visits) >= 0.88 * PEAK * seconds, "a refusal costs a fortieth, so 95 % are left"
    high = of(visits, rank=HIGH)
    took = sorted(visit.took for visit in high if visit.took is not None)
    assert share(high) >= 0.994
    assert took[int(len(took) * 0.99)] <= 0.1
    assert max(visit.took for visit in visits if visit.took is not None) <= WAIT + 0.1


def test_up_to_what_can_be_done_nobody_is_refused() -> None:
    visits = served(arriving(PEAK * 0.8, 0, 4.0))
    assert share(visits) == 1.0


def test_the_least_important_go_first() -> None:
    visits = served(*(arriving(PEAK * 0.5, 0, 3.0, rank=rank) for rank in (HIGH, NORMAL, LOW)))
    assert share(of(visits, rank=HIGH)) >= 0.994
    assert share(of(visits, rank=LOW)) < share(of(visits, rank=NORMAL)) * 0.6


def test_a_tenant_at_ten_times_its_share_costs_the_others_nothing() -> None:
    fair = PEAK / 4
    greedy = arriving(fair * 10, 0, 6.0, tenant="greedy")
    visits = served(greedy, *(arriving(fair * 0.8, 0, 6.0, tenant=name) for name in ("a", "b", "c")))
    assert share([visit for visit in visits if visit.asked.tenant != "greedy"]) >= 0.99
    assert 0.1 < share(of(visits, tenant="greedy")) < 0.25, "it gets what the others leave"


def test_all_is_as_before_soon_after() -> None:
    visits = served(arriving(PEAK * 3, 0, 2.0), arriving(PEAK * 0.5, 2.0, 5.0, tenant="later"))
    late = [visit.asked.at - 1002.0 for visit in of(visits, tenant="later") if visit.took is None or visit.took > 0.05]
    assert max(late, default=0.0) < 0.5


def test_backends_that_take_their_time_are_no_overload() -> None:
    """A thousand at once wait for theirs, and the next ones begin all the same."""

    class Slow(Visit):
        def _first(self) -> None:
            self._front.works(WORK / 20)
            self._front.loop.call_later(2.0, self._second)

        def _second(self) -> None:
            self._front.works(WORK / 20)
            self.took = self._front.loop.time() - self.asked.at
            self._front.admission.left(self._front.loop)

    async def work() -> tuple[int, int]:
        front = Front()
        most = 0
        for number in range(1500):
            visit = Slow(front, Asked(front.loop.time(), NORMAL, "acme"))
            if front.admission.at_once(front.loop):
                visit.begin()
            else:
                front.admission.wait(visit, front.loop)
            most = max(most, front.admission.under_way)
            await asyncio.sleep(0.001 if number % 2 else 0)
        await asyncio.sleep(5.0)
        return most, front.admission.under_way

    most, left = in_virtual_time(work())
    assert most > 1000
    assert left == 0
