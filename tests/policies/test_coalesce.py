"""Single flight: equal reads under way become one, and nobody gets what is another's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies.coalesce import Coalesce, build
from gateway.sdk import Call, DurationOrAuto, NotFound, OperationConfig, Reference, Result, SystemClock, Timeout
from gateway.sdk.sharing import Sharing
from gateway.sdk.source_config import Cache
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, answering, binding_of, call_by, value

PERSONAL: frozenset[Reference] = frozenset({("user", "id")})


class Backend:
    """Answers when told to, and counts."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[Call] = []
        self.open = asyncio.Event()
        self._error = error

    async def __call__(self, call: Call) -> Result:
        self.calls.append(call)
        await self.open.wait()
        if self._error is not None:
            raise self._error
        return value(f"answer {len(self.calls)}")


def coalesce(*, identity: frozenset[Reference] = frozenset(), forwards: tuple[str, ...] = ()) -> Coalesce:
    return Coalesce(Sharing(FakeOperation(identity=identity, forwards=frozenset(forwards))), SystemClock())


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def both(single: Coalesce, backend: Backend, first: Call, second: Call) -> tuple[Result, Result]:
    tasks = [asyncio.create_task(single(call, backend)) for call in (first, second)]
    await turns()
    backend.open.set()
    one, two = await asyncio.gather(*tasks)
    return one, two


async def test_two_equal_reads_are_one_call() -> None:
    backend = Backend()
    one, two = await both(coalesce(), backend, call_by("a", arguments={"x": 1, "y": 2}), call_by("b", arguments={"y": 2, "x": 1}))
    assert one is two
    assert len(backend.calls) == 1


async def test_a_later_read_is_a_call_of_its_own() -> None:
    single, backend = coalesce(), Backend()
    backend.open.set()
    assert (await single(call_by(), backend)).value == "answer 1"
    assert (await single(call_by(), backend)).value == "answer 2"


@pytest.mark.parametrize(
    ("single", "other"),
    [
        (lambda: coalesce(identity=PERSONAL), {"user": "other"}),
        (lambda: coalesce(identity=frozenset({("user", "customer", "id")})), {"user": "other"}),
        (lambda: coalesce(identity=frozenset({("ctx", "locale")})), {"tenant": "other"}),
        (coalesce, {"tenant": "other"}),
        (coalesce, {"arguments": {"x": "1"}}),
        (lambda: coalesce(forwards=("Accept-Language",)), {"headers": {"accept-language": "de"}}),
    ],
)
async def test_what_is_sent_differs_so_nothing_is_shared(single: Callable[[], Coalesce], other: Mapping[str, Any]) -> None:
    backend = Backend()
    same = {"user": "one", "tenant": "t1", "arguments": {"x": 1}, "headers": {"accept-language": "en"}}
    await both(single(), backend, call_by(**same), call_by(**{**same, **other}))
    assert len(backend.calls) == 2


@pytest.mark.parametrize(
    ("single", "other"),
    [
        (lambda: coalesce(identity=PERSONAL), {}),
        (coalesce, {"user": "other"}),
        (coalesce, {"headers": {"accept-language": "de"}}),
        (lambda: coalesce(forwards=("Accept-Language",)), {"headers": {"accept-language": "en", "cookie": "x"}}),
        (lambda: coalesce(identity=frozenset({("ctx", "locale")})), {"user": "other"}),
    ],
)
async def test_what_is_sent_is_the_same_so_it_is_sent_once(single: Callable[[], Coalesce], other: Mapping[str, Any]) -> None:
    backend = Backend()
    same = {"user": "one", "tenant": "t1", "arguments": {"x": 1}, "headers": {"accept-language": "en"}}
    await both(single(), backend, call_by(**same), call_by(**{**same, **other}))
    assert len(backend.calls) == 1


async def test_an_error_is_everybodys() -> None:
    single, backend = coalesce(), Backend(NotFound())
    tasks = [asyncio.create_task(single(call_by(), backend)) for _ in range(3)]
    await turns()
    backend.open.set()
    assert [type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)] == [NotFound] * 3
    assert len(backend.calls) == 1


async def test_the_first_who_leaves_takes_nobody_along() -> None:
    single, backend = coalesce(), Backend()
    first, *others = [asyncio.create_task(single(call_by(), backend)) for _ in range(4)]
    await turns()
    first.cancel()
    await turns()
    assert first.cancelled()
    backend.open.set()
    assert {each.value for each in await asyncio.gather(*others)} == {"answer 1"}
    assert len(backend.calls) == 1


async def test_the_last_to_leave_ends_the_call() -> None:
    ended: list[str] = []

    async def work(call: Call) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("ended")
            raise

    single = coalesce()
    tasks = [asyncio.create_task(single(call_by(), answering(work))) for _ in range(3)]
    await turns()
    for task in tasks:
        assert ended == []
        task.cancel()
        await turns()
    assert all(task.cancelled() for task in tasks)
    assert ended == ["ended"]
    assert len(single._flights) == 0


async def test_a_thousand_equal_reads_some_of_which_are_cancelled_are_one_call() -> None:
    single, backend, chance = coalesce(), Backend(), random.Random(7)
    tasks = [asyncio.create_task(single(call_by(), backend)) for _ in range(1000)]
    await turns()
    leaving = chance.sample(tasks, 600)
    for task in leaving:
        task.cancel()
        if chance.random() < 0.1:
            await turns(1)
    backend.open.set()
    got = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(backend.calls) == 1
    for task, answer in zip(tasks, got, strict=True):
        assert isinstance(answer, asyncio.CancelledError) if task in leaving else isinstance(answer, Result)


async def test_a_leader_out_of_time_leaves_the_lead_to_who_has_some() -> None:
    single, calls = coalesce(), list[Call]()

    async def proceed(call: Call) -> Result:
        calls.append(call)
        if len(calls) == 1:
            await asyncio.sleep(0.01)
            raise Timeout
        return value("late but there")

    leader = asyncio.create_task(single(call_by(seconds=0.01), proceed))
    await turns()
    follower = asyncio.create_task(single(call_by(seconds=5), proceed))
    with pytest.raises(Timeout):
        await leader
    assert (await follower).value == "late but there"


async def test_a_follower_waits_no_longer_than_it_may() -> None:
    single, backend = coalesce(), Backend()
    leader = asyncio.create_task(single(call_by(seconds=5), backend))
    await turns()
    with pytest.raises(Timeout):
        await single(call_by(seconds=0.01), backend)
    with pytest.raises(Timeout):
        await single(call_by(seconds=-1), backend)
    backend.open.set()
    assert (await leader).value == "answer 1"
    assert len(backend.calls) == 1


async def test_a_fault_of_our_own_is_heard_of_by_all_who_wait() -> None:
    single, calls = coalesce(), list[Call]()

    async def proceed(call: Call) -> Result:
        calls.append(call)
        await turns()
        if len(calls) == 1:
            raise ZeroDivisionError
        return value("sound")

    both = await asyncio.gather(single(call_by(), proceed), single(call_by(), proceed), return_exceptions=True)
    assert [type(each) for each in both] == [ZeroDivisionError] * 2
    assert (await single(call_by(), proceed)).value == "sound"


def test_writes_are_never_coalesced() -> None:
    assert build(binding_of(FakeOperation(effect="write")), FakeServices()) is None


def test_with_a_cache_there_is_no_second_single_flight() -> None:
    cached = OperationConfig(cache=Cache(ttl=DurationOrAuto(10.0)))
    assert build(binding_of(FakeOperation(), cached), FakeServices()) is None
    assert isinstance(build(binding_of(FakeOperation()), FakeServices()), Coalesce)


class Asker(NamedTuple):
    """One caller of a generated run; times are in turns of the loop."""

    user: str
    tenant: str
    language: str
    argument: int
    comes: int
    leaves: int | None


askers = st.builds(
    Asker,
    user=st.sampled_from(["alice", "bob"]),
    tenant=st.sampled_from(["acme", "zeta"]),
    language=st.sampled_from(["de", "en"]),
    argument=st.integers(0, 1),
    comes=st.integers(0, 6),
    leaves=st.none() | st.integers(0, 6),
)


async def run(crowd: list[Asker], lasts: list[int], fails: set[int]) -> tuple[list[Any], Coalesce, int]:
    """What each of the crowd got; call number n takes `lasts[n]` turns and fails where `fails` says so."""
    single = coalesce(identity=PERSONAL, forwards=("accept-language",))
    made = 0

    async def work(call: Call) -> Any:
        nonlocal made
        number, made = made, made + 1
        scope, context = call.context.scope, call.context
        await turns(lasts[number % len(lasts)])
        if number in fails:
            raise NotFound
        return (scope["user"]["id"], context.identity[0], context.headers["accept-language"], call.arguments["x"])

    async def ask(asker: Asker) -> Any:
        await turns(asker.comes)
        call = call_by(asker.user, tenant=asker.tenant, arguments={"x": asker.argument}, headers={"accept-language": asker.language})
        return (await single(call, answering(work))).value

    tasks = [asyncio.create_task(ask(asker)) for asker in crowd]

    async def leave(task: asyncio.Task[Any], turn: int) -> None:
        await turns(turn)
        task.cancel()

    leaving = [asyncio.create_task(leave(task, asker.leaves)) for task, asker in zip(tasks, crowd, strict=True) if asker.leaves is not None]
    got = await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*leaving)
    return got, single, made


@settings(max_examples=150)
@given(
    st.lists(askers, min_size=1, max_size=8), st.lists(st.integers(0, 5), min_size=1, max_size=4), st.sets(st.integers(0, 5), max_size=2)
)
def test_whatever_happens_everybody_gets_their_own(crowd: list[Asker], lasts: list[int], fails: set[int]) -> None:
    got, single, made = asyncio.run(run(crowd, lasts, fails))
    for asker, answer in zip(crowd, got, strict=True):
        if isinstance(answer, asyncio.CancelledError):
            assert asker.leaves is not None
        elif isinstance(answer, NotFound):
            assert fails
        else:
            assert answer == (asker.user, asker.tenant, asker.language, asker.argument)
    assert len(single._flights) == 0
    assert made <= len(crowd)
