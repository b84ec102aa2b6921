"""What a backend says is for one caller alone is given to no other, however many asked for the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.policies.batch import build as build_batch
from gateway.policies.joint_flight import JointFlight
from gateway.sdk import BackendError, Call, NotFound, OperationConfig, Response, Result, SystemClock, Unavailable
from gateway.sdk.source_config import Batch
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of, call_by
from tests.policies.kept_calls import Process

FOR_ONE = [{"cache-control": "private"}, {"cache-control": 'max-age=5, Private="x"'}, {"set-cookie": "sid=1"}, {"cache-control": '"'}]
FOR_ALL: list[dict[str, str]] = [{}, {"cache-control": "max-age=5"}, {"cache-control": "no-store"}, {"vary": "cookie"}]


class Backend:
    """Tells for whom each call was made, with `headers`; or fails with what `failing` makes, for one caller alone where `private`."""

    def __init__(self, headers: Mapping[str, str], failing: type[BackendError | NotFound] | None = None, *, private: bool = False) -> None:
        self.calls: list[str] = []
        self._headers = headers
        self._failing, self._private = failing, private

    async def __call__(self, call: Call) -> Result:
        user = call.context.identity[-1]
        self.calls.append(user)
        await asyncio.sleep(0.001)
        if self._failing is not None:
            error = self._failing(detail_code=user)
            error.private = self._private
            raise error
        return Result(user, Response(user, 200, self._headers))


async def fly(users: str, backend: Backend) -> list[Any]:
    flights: JointFlight[Result] = JointFlight(SystemClock(), lambda result: result.response)
    work = (flights.fly("key", call_by(user), backend) for user in users)
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    assert len(flights) == 0
    return [outcome.value if isinstance(outcome, Result) else getattr(outcome, "detail_code", outcome) for outcome in outcomes]


@pytest.mark.parametrize("headers", FOR_ONE)
async def test_what_is_for_one_caller_is_fetched_once_for_each(headers: dict[str, str]) -> None:
    backend = Backend(headers)
    assert await fly("aabbbca", backend) == list("aabbbca")
    assert sorted(backend.calls) == ["a", "b", "c"]


@pytest.mark.parametrize("headers", FOR_ALL)
async def test_what_is_for_all_is_fetched_once(headers: dict[str, str]) -> None:
    backend = Backend(headers)
    assert await fly("abc", backend) == list("aaa")
    assert backend.calls == ["a"]


@pytest.mark.parametrize("failing", [BackendError, NotFound])
async def test_a_failure_that_is_for_one_caller_is_told_to_nobody_else(failing: type[BackendError | NotFound]) -> None:
    assert await fly("abba", Backend({}, failing, private=True)) == list("abba")
    assert await fly("abba", Backend({}, failing)) == list("aaaa")


async def test_who_leaves_the_second_time_is_gone() -> None:
    backend = Backend(FOR_ONE[0])
    flights: JointFlight[Result] = JointFlight(SystemClock(), lambda result: result.response)
    first, second = (asyncio.create_task(flights.fly("key", call_by(user), backend)) for user in "ab")
    await first
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    await asyncio.sleep(0)
    assert (len(flights), "key" in flights) == (0, False)


async def test_closing_ends_both() -> None:
    backend = Backend(FOR_ONE[0])
    flights: JointFlight[Result] = JointFlight(SystemClock(), lambda result: result.response)
    waiting = asyncio.create_task(flights.fly("key", call_by(), backend))
    flights.send("other", call_by(), backend)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await flights.close()
    with pytest.raises(Unavailable):
        await waiting
    assert len(flights) == 0


@pytest.mark.parametrize("headers", FOR_ONE)
@pytest.mark.parametrize("scope", [None, "tenant", "public"])
async def test_a_cache_gives_it_to_no_other_while_it_is_fetched(headers: dict[str, str], scope: str | None) -> None:
    backend = Backend(headers)
    cache = Process().cache(**({} if scope is None else {"scope": scope}))
    answers = await asyncio.gather(*(cache(call_by(user), backend) for user in "abab"))
    assert [answer.value for answer in answers] == list("abab")


async def test_an_absence_that_is_for_one_caller_is_remembered_for_nobody_else() -> None:
    cache = Process().cache(negative="60s")
    for user in "ab":
        with pytest.raises(NotFound) as told:
            await cache(call_by(user), Backend({}, NotFound, private=True))
        assert told.value.detail_code == user


@pytest.mark.parametrize("failing", [None, BackendError])
async def test_a_row_of_a_batch_is_given_to_no_other(failing: type[BackendError] | None) -> None:
    config = OperationConfig(batch=Batch(operation="many", param="ids", join=",", match={"id": "id"}))

    async def many(call: Call) -> Result:
        rows = [{"id": each, "for": call.context.identity[-1]} for each in call.arguments["ids"].split(",")]
        if failing is None:
            return Result(rows, Response(rows, 200, FOR_ONE[0]))
        error = failing(detail_code=call.context.identity[-1])
        error.private = True
        raise error

    async def one(call: Call) -> Result:
        row = {"id": call.arguments["id"], "for": call.context.identity[-1]}
        return Result(row, Response(row, 200, FOR_ONE[0]))

    batcher = build_batch(binding_of(FakeOperation(), config, many), FakeServices())  # type: ignore[arg-type]
    assert batcher is not None
    asked = [("a", "1"), ("b", "1"), ("b", "2"), ("a", "3")]
    answers = await asyncio.gather(*(batcher(call_by(user, arguments={"id": each}), one) for user, each in asked), return_exceptions=True)
    told = [answer.value["for"] if isinstance(answer, Result) else answer.detail_code for answer in answers]  # type: ignore[union-attr]
    assert told == ["a", "b", "b", "a"]


@pytest.mark.parametrize(("private", "told"), [(False, [True, True]), (True, [True, False])])
async def test_who_is_given_an_answer_of_others_is_told_what_it_is(private: bool, told: list[bool]) -> None:
    async def work(call: Call) -> Result:
        await asyncio.sleep(0)
        call.course.stale = call.context.identity == calls[0].context.identity
        return Result(1, Response(1, 200, {"cache-control": "private"} if private else {}))

    flights: JointFlight[Result] = JointFlight(SystemClock(), lambda result: result.response)
    calls = [call_by("a"), call_by("b")]
    await asyncio.gather(*(flights.fly("key", call, work) for call in calls))
    assert [call.course.stale for call in calls] == told
