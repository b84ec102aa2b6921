"""The first answer wins, the others are cancelled, and nothing is left. In virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies.hedge_race import Race, Told, is_answer
from gateway.sdk import (
    BackendError,
    BadResponse,
    Call,
    CircuitOpen,
    Conflict,
    GatewayError,
    InvalidRequest,
    NotFound,
    Overloaded,
    Result,
    Timeout,
    Unavailable,
)
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of
from tests.policies.tries import Backend, Scripted, call_with
from tests.policies.virtual_time import timeless

BUSINESS = BackendError(detail_code="gone", status_code=200)


class Raced:
    """What became of one call that was hedged; `refused` hedges are not begun."""

    def __init__(self, *script: Scripted, delay: float = 1.0, most: int = 1, refused: bool = False, leaves: float | None = None) -> None:
        self.backend = Backend(*script)
        self.services = FakeServices()
        self.value: Any = None
        self.error: BaseException | None = None
        self.hedges: list[asyncio.Future[Result]] = []
        timeless(self._run(delay, most, refused, leaves))

    async def _run(self, delay: float, most: int, refused: bool, leaves: float | None) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        task = asyncio.ensure_future(self._race(delay, most, refused))
        if leaves is not None:
            loop.call_later(leaves, task.cancel)
        try:
            self.value = (await task).value
        except BaseException as error:
            self.error = error
        self.took = round(loop.time() - began, 6)
        assert task.cancelling() == int(leaves is not None and leaves <= self.took)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert self.backend.under_way == 0
        await asyncio.sleep(100)
        assert all(hedge.done() for hedge in self.hedges)

    async def _race(self, delay: float, most: int, refused: bool) -> Result:
        call = call_with()

        def begin() -> asyncio.Future[Result] | None:
            if refused:
                return None
            self.hedges.append(asyncio.ensure_future(self.backend(call)))
            return self.hedges[-1]

        told = Told(binding_of(FakeOperation()), self.services)
        result = await Race(begin, delay=delay, most=most, told=told).run(self.backend, call)
        await asyncio.sleep(0)  # a cancellation that was not taken back would strike here
        return result

    @property
    def told(self) -> tuple[float, float]:
        """How many hedges won, and how many lost."""
        won, lost = (
            self.services.metrics.total("gateway_hedges_total", source="erp", operation="order", outcome=outcome)
            for outcome in ("won", "lost")
        )
        return won, lost


def test_a_quick_answer_needs_no_second_call() -> None:
    raced = Raced((0.9, "first"))
    assert (raced.value, raced.took, len(raced.backend.calls), raced.told) == ("first", 0.9, 1, (0, 0))


def test_a_slow_one_is_asked_again_and_the_first_answer_counts() -> None:
    raced = Raced((5.0, "first"), (0.5, "second"))
    assert (raced.value, raced.took, raced.told) == ("second", 1.5, (1, 0))
    assert raced.backend.cancelled == [0]
    raced = Raced((2.0, "first"), (5.0, "second"))
    assert (raced.value, raced.took, raced.told) == ("first", 2.0, (0, 1))
    assert raced.backend.cancelled == [1]


def test_no_more_than_most_are_begun() -> None:
    raced = Raced((9.0, "first"), (9.0, "second"), (9.0, "third"), (0.0, "never"), most=2)
    assert (raced.value, raced.backend.waits, raced.told) == ("first", [1.0, 1.0], (0, 2))
    raced = Raced((9.0, "first"), (9.0, "second"), (1.0, "third"), most=2)
    assert (raced.value, raced.took, raced.told) == ("third", 3.0, (1, 1))
    assert sorted(raced.backend.cancelled) == [0, 1]


def test_one_that_is_refused_changes_nothing() -> None:
    raced = Raced((5.0, "first"), (0.0, "never"), refused=True)
    assert (raced.value, raced.took, len(raced.backend.calls)) == ("first", 5.0, 1)


def test_an_early_failure_is_the_outcome() -> None:
    failure = Unavailable()
    raced = Raced((0.5, failure), (0.0, "never"))
    assert (raced.error, raced.took, len(raced.backend.calls)) == (failure, 0.5, 1)


def test_where_one_fails_the_others_are_waited_for() -> None:
    raced = Raced((2.0, Unavailable()), (4.0, "second"))
    assert (raced.value, raced.took, raced.told) == ("second", 5.0, (1, 0))
    raced = Raced((4.0, "first"), (0.5, Unavailable()))
    assert (raced.value, raced.took, raced.told) == ("first", 4.0, (0, 1))


def test_where_all_fail_the_first_one_tells_why() -> None:
    failure = Timeout()
    for script in ([(2.0, failure), (4.0, Unavailable())], [(4.0, failure), (0.5, Unavailable())]):
        raced = Raced(*script)
        assert raced.error is failure
        assert raced.told == (0, 1)
    raced = Raced((2.5, failure), (4.0, Unavailable()), (1.0, BackendError(status_code=503)), most=2)
    assert (raced.error, raced.took, raced.told) == (failure, 5.0, (0, 2))


@pytest.mark.parametrize("answer", [NotFound(status_code=404), Conflict(status_code=409), BUSINESS])
def test_a_business_error_is_an_answer(answer: GatewayError) -> None:
    raced = Raced((5.0, "first"), (0.5, answer))
    assert (raced.error, raced.took, raced.told) == (answer, 1.5, (1, 0))
    raced = Raced((2.0, answer), (5.0, "second"))
    assert (raced.error, raced.took, raced.told) == (answer, 2.0, (0, 1))
    raced = Raced((2.0, Unavailable()), (4.0, answer))
    assert (raced.error, raced.took) == (answer, 5.0)


@pytest.mark.parametrize(
    ("error", "answers"),
    [
        (NotFound(), True),
        (InvalidRequest(), True),
        (BackendError(), True),
        (BackendError(status_code=400), True),
        (ZeroDivisionError(), True),
        (BackendError(status_code=429), False),
        (BackendError(status_code=500), False),
        (Unavailable(), False),
        (Timeout(), False),
        (BadResponse(status_code=200), False),
        (CircuitOpen(), False),
        (Overloaded(), False),
    ],
)
def test_what_any_server_would_answer(error: Exception, answers: bool) -> None:
    assert is_answer(error) is answers


def test_a_fault_of_the_code_is_not_swallowed() -> None:
    assert isinstance(Raced((5.0, "first"), (0.0, ZeroDivisionError())).error, ZeroDivisionError)
    assert isinstance(Raced((2.0, ZeroDivisionError()), (5.0, "second")).error, ZeroDivisionError)


@pytest.mark.parametrize("leaves", [0.5, 1.5, 3.5])
def test_who_hangs_up_ends_them_all(leaves: float) -> None:
    """Before there is a hedge, beside one, and when only the hedge is left."""
    raced = Raced((3.0, Unavailable()), (9.0, "second"), leaves=leaves)
    assert isinstance(raced.error, asyncio.CancelledError)
    assert raced.took == leaves


def test_who_hangs_up_as_a_hedge_wins_is_heard() -> None:
    """Both cancel the one task in the same turn of the loop; whoever comes first."""
    for script in [(5.0, "first"), (0.5, "second")], [(5.0, "first"), (0.5 + 1e-12, "second")]:
        raced = Raced(*script, leaves=1.5)
        assert isinstance(raced.error, asyncio.CancelledError)


def test_a_timeout_inside_of_the_first_call_is_not_mistaken_for_the_winner() -> None:
    """The first call runs into its own time in the very turn in which the hedge wins: two cancellations of one task."""

    async def run(limit: float) -> str:
        number = 0

        async def proceed(call: Call) -> Result:
            nonlocal number
            number += 1
            if number > 1:
                return await Backend((0.5, "second"))(call)
            try:
                async with asyncio.timeout(limit):
                    return await Backend((9.0, "first"))(call)
            except TimeoutError:
                raise Timeout from None

        call = call_with()
        told = Told(binding_of(FakeOperation()), FakeServices())
        race = Race(lambda: asyncio.ensure_future(proceed(call)), delay=1.0, most=1, told=told)
        async with asyncio.timeout(30):
            result = await race.run(proceed, call)
            task = asyncio.current_task()
            assert task is not None
            assert task.cancelling() == 0
            await asyncio.sleep(0)
        return str(result.value)

    for limit in (1.2, 1.5 - 1e-9, 1.5, 1.5 + 1e-9, 2.0):
        assert timeless(run(limit)) == "second"


OUTCOMES = st.sampled_from(["one", "two", Unavailable(), Timeout(), NotFound(), BUSINESS, BackendError(status_code=503)])
SECONDS = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 7.0])


@settings(max_examples=250)
@given(st.lists(st.tuples(SECONDS, OUTCOMES), min_size=4, max_size=4), st.integers(1, 3), st.none() | SECONDS)
def test_whatever_happens_there_is_one_outcome_and_nothing_left(script: list[Scripted], most: int, leaves: float | None) -> None:
    raced = Raced(*script, most=most, leaves=leaves)
    begun = script[: len(raced.backend.calls)]
    assert len(raced.hedges) <= most
    if isinstance(raced.error, asyncio.CancelledError):
        assert leaves == raced.took
        return
    outcome = raced.value if raced.error is None else raced.error
    assert outcome in [each for _, each in begun]
    ends = [index + seconds for index, (seconds, each) in enumerate(begun) if not isinstance(each, GatewayError) or is_answer(each)]
    if ends:
        assert raced.took == min(ends)
    else:
        assert outcome is begun[0][1]
    won, lost = raced.told
    assert (won <= 1, won + lost) == (True, len(raced.hedges))
