"""Answers that processes share, and how they are forgotten everywhere."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import msgspec
import pytest

from gateway.policies.kept_answers import TOPIC
from gateway.sdk import NotFound, Response
from gateway.sdk.kept import EVERYTHING, Purge, label_of
from tests.policies.calls_under_way import FakeOperation
from tests.policies.kept_calls import Backend, Process, SharedState, asking, number
from tests.virtual_time import in_virtual_time

ORDERS = Purge((label_of("tag", "orders"),))


def two() -> tuple[SharedState, Process, Process]:
    """A store, and two processes that share it."""
    state = SharedState()
    return state, Process(state=state), Process(state=state.of())


def test_what_one_process_keeps_another_has() -> None:
    async def run() -> None:
        state, one, two_ = two()
        backend = Backend(lambda _, count: Response({"number": count, "text": "ä", "list": [1, None, True]}, 200, {"x": "y"}))
        first, second = one.cache(stale_if_error="1m"), two_.cache(stale_if_error="1m")
        sent = await first(asking(), backend)
        await asyncio.sleep(4)
        call = asking()
        shared = await second(call, backend)
        assert shared == sent
        assert (call.course.cached, call.course.attempts) == (True, 0)
        gets = state.of().gets
        await asyncio.sleep(5.9)
        assert await number(second, backend) == 1  # from memory, and as old as it is
        assert state.of().gets == gets
        await asyncio.sleep(0.2)
        assert await number(second, backend) == 2

    in_virtual_time(run())


def test_an_absence_is_shared_too() -> None:
    async def run() -> None:
        _, one, other = two()
        backend = Backend(lambda _, __: NotFound("Gone.", detail_code="E1"))
        await number(one.cache(negative="5s"), backend)
        await asyncio.sleep(1)
        with pytest.raises(NotFound) as caught:
            await other.cache(negative="5s")(asking(), backend)
        assert (caught.value.message, caught.value.detail_code, len(backend.calls)) == ("Gone.", "E1", 1)

    in_virtual_time(run())


def test_a_stale_answer_of_another_process_is_given_while_it_is_refreshed() -> None:
    async def run() -> None:
        _, one, other = two()
        backend = Backend()
        await number(one.cache(stale_while_revalidate="1m"), backend)
        await asyncio.sleep(15)
        cold = other.cache(stale_while_revalidate="1m")
        call = asking()
        assert await number(cold, backend, call) == 1
        assert call.course.stale
        await asyncio.sleep(1)
        assert await number(cold, backend) == 2

    in_virtual_time(run())


def test_a_refresh_takes_what_another_process_has_refreshed() -> None:
    async def run() -> None:
        _, one, other = two()
        backend = Backend()
        first, second = one.cache(stale_while_revalidate="1m"), other.cache(stale_while_revalidate="1m")
        await number(first, backend)
        await asyncio.sleep(1)
        await number(second, backend)
        await asyncio.sleep(12)
        await number(first, backend)  # starts a refresh
        await asyncio.sleep(1)
        await number(second, backend)
        await asyncio.sleep(1)
        assert await number(second, backend) == 2
        assert len(backend.calls) == 2

    in_virtual_time(run())


def test_a_rung_asks_the_store_while_there_is_time() -> None:
    async def run() -> None:
        _, one, other = two()
        backend = Backend()
        await number(one.cache(stale_if_error="1h"), backend)
        await asyncio.sleep(60)
        assert await number(other.cache(stale_if_error="1h"), backend, asking(stale=600)) == 1
        assert len(backend.calls) == 1

    in_virtual_time(run())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: b"",
        lambda value: b"\x02" + value[1:],
        lambda value: value[: len(value) // 2],
        lambda value: value + b"\x00",
        lambda value: b"\x01" + msgspec.msgpack.encode({"value": 1}),
        lambda value: b"\x01" + msgspec.msgpack.encode([b"x" * 32, *msgspec.msgpack.decode(value[1:])[1:]]),
        lambda value: _with(value, 1, math.nan),
        lambda value: _with(value, 3, math.inf),
        lambda value: _with(value, 12, [1, 2]),
        lambda value: b"\x01" + b"\x91" * 5000,
    ],
)
def test_what_stands_in_the_store_and_is_no_answer_to_this_is_not_there(spoil: Any) -> None:
    async def run() -> None:
        state, one, other = two()
        backend = Backend()
        await number(one.cache(), backend)
        await asyncio.sleep(1)
        for key, (value, until) in list(state.values.items()):
            state.values[key] = (spoil(value), until)
        assert await number(other.cache(), backend) == 2

    in_virtual_time(run())


def _with(value: bytes, place: int, anything: Any) -> bytes:
    """The stored answer with another member."""
    members = msgspec.msgpack.decode(value[1:])
    members[place] = anything
    return b"\x01" + msgspec.msgpack.encode(members)


def test_an_answer_that_was_moved_to_anothers_key_is_not_given() -> None:
    async def run() -> None:
        state, one, other = two()
        operation, backend = FakeOperation(identity=frozenset({("user", "id")})), Backend()
        cache = one.cache(operation)
        await number(cache, backend, asking("a"))
        await number(cache, backend, asking("b"))
        await asyncio.sleep(1)
        (first, of_a), (second, of_b) = state.values.items()
        state.values.update({first: of_b, second: of_a})
        assert [await number(other.cache(operation), backend, asking(user)) for user in "ab"] == [3, 4]

    in_virtual_time(run())


def test_neither_arguments_nor_callers_nor_tokens_stand_in_the_store() -> None:
    async def run() -> None:
        state, one, _ = two()
        operation = FakeOperation(identity=frozenset({("user", "id")}), forwards=frozenset({"authorization"}))
        call = asking("alice", arguments={"card": "4111-1111"}, headers={"authorization": "Bearer secret-token"})
        await one.cache(operation)(call, Backend())
        await asyncio.sleep(1)
        stored = b"".join(part for key, (value, _) in state.values.items() for part in (key, value))
        assert state.values
        assert not any(word in stored for word in (b"alice", b"4111", b"secret-token"))

    in_virtual_time(run())


def test_releases_that_mean_something_else_share_nothing() -> None:
    async def run() -> None:
        _, one, other = two()
        backend = Backend()
        before = one.cache(FakeOperation(params={"type": "object"}))
        after = other.cache(FakeOperation(params={"type": "object", "required": ["id"]}))
        assert (await number(before, backend), await number(after, backend)) == (1, 2)

    in_virtual_time(run())


@pytest.mark.parametrize(
    ("purge", "purged"),
    [
        (ORDERS, 2),
        (Purge((label_of("tag", "customer:7"),)), 1),
        (Purge((label_of("tag", "nothing"), label_of("tag", "customer:8"))), 1),
        (Purge((label_of("operation", "erp.order"),)), 2),
        (Purge((label_of("operation", "erp.others"),)), 0),
        (Purge((label_of("source", "erp"),)), 2),
        (Purge((EVERYTHING,)), 2),
        (Purge((EVERYTHING,), "t1"), 1),
        (Purge(ORDERS.labels, "t2"), 1),
        (Purge(ORDERS.labels, "t3"), 0),
    ],
)
def test_a_purge_forgets_what_it_names_here_and_elsewhere(purge: Purge, purged: int) -> None:
    async def run() -> None:
        _, one, other = two()
        tags = ["orders", "customer:${ args.id }"]
        backend = Backend()
        first, second = one.cache(tags=tags), other.cache(tags=tags)
        calls = [{"tenant": "t1", "arguments": {"id": 7}}, {"tenant": "t2", "arguments": {"id": 8}}]
        for call in calls:
            await number(first, backend, asking(**call))
        await asyncio.sleep(0.1)
        for call in calls:
            await number(second, backend, asking(**call))
        assert await one.answers.purge(purge) == purged
        await asyncio.sleep(0.1)
        late = Process(state=one.answers.state)  # type: ignore[arg-type]
        assert len(one.answers.memory) == len(other.answers.memory) == 2 - purged
        third = late.cache(tags=tags)
        for call in calls:
            await number(third, backend, asking(**call))
        assert len(backend.calls) == 2 + purged

    in_virtual_time(run())


def test_an_answer_that_was_asked_for_before_the_purge_is_not_kept_after_it() -> None:
    async def run() -> None:
        _, one, other = two()
        backend = Backend(seconds=1)
        first, second = one.cache(tags=["orders"]), other.cache(tags=["orders"])
        under_way = [asyncio.create_task(number(cache, backend, asking())) for cache in (first, second)]
        await asyncio.sleep(0.5)
        await one.answers.purge(ORDERS)
        assert await asyncio.gather(*under_way) == [1, 2]
        assert (len(one.answers.memory), len(other.answers.memory)) == (0, 0)
        await asyncio.sleep(3)
        assert await number(first, backend) == 3
        assert await number(first, backend) == 3

    in_virtual_time(run())


def test_word_that_got_lost_is_made_up_for_when_listening_begins_again() -> None:
    async def run() -> None:
        _, one, other = two()
        backend = Backend()
        first, second = one.cache(tags=["orders"]), other.cache(tags=["orders"])
        await number(first, backend)
        await asyncio.sleep(0.1)
        await number(second, backend)
        end = other.answers.state
        assert isinstance(end, SharedState)
        end.deaf = True
        await one.answers.purge(ORDERS)
        assert await number(second, backend) == 1
        for missed in end.missed:
            missed()
        await asyncio.sleep(0.1)
        assert await number(second, backend) == 2

    in_virtual_time(run())


def test_a_purge_while_the_store_is_down_is_made_up_for() -> None:
    async def run() -> None:
        state, one, other = two()
        backend = Backend()
        first = one.cache(tags=["orders"])
        await number(first, backend)
        await asyncio.sleep(0.1)
        state.up = False
        await one.answers.purge(ORDERS)
        await asyncio.sleep(1)
        state.up = True
        for missed in state.missed:
            missed()
        await asyncio.sleep(0.1)
        assert await number(other.cache(tags=["orders"]), backend) == 2

    in_virtual_time(run())


def test_after_too_much_was_missed_everything_in_memory_is_forgotten() -> None:
    async def run() -> None:
        state = SharedState()
        one = Process(state=state, most=16 << 20)
        cache, backend = one.cache(tags=["${ args.id }"]), Backend()
        for each in range(300):
            await number(cache, backend, asking(arguments={"id": each}))
        for missed in state.missed:
            missed()
        await asyncio.sleep(1)
        assert len(one.answers.memory) == 300
        for each in range(300, 1100):
            await number(cache, backend, asking(arguments={"id": each}))
        for missed in state.missed:
            missed()
        await asyncio.sleep(1)
        assert len(one.answers.memory) == 0

    in_virtual_time(run())


@pytest.mark.parametrize("word", [b"", b"\xc1", msgspec.msgpack.encode([["*"], None, "now"]), msgspec.msgpack.encode(7)])
def test_word_that_cannot_be_read_changes_nothing(word: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        state, one, _ = two()
        cache, backend = one.cache(), Backend()
        await number(cache, backend)
        await state.of().announce(TOPIC, word)
        await asyncio.sleep(0.1)
        assert await number(cache, backend) == 1

    in_virtual_time(run())
    assert "word of a purge can't be read" in caplog.text


def test_while_the_store_is_down_each_process_goes_on_alone() -> None:
    async def run() -> None:
        state, one, other = two()
        end = other.answers.state
        assert isinstance(end, SharedState)
        state.up = end.up = False
        backend = Backend()
        first, second = one.cache(), other.cache()
        given = [await number(cache, backend) for cache in (first, second, first, second)]
        assert (given, state.gets, end.gets) == ([1, 2, 1, 2], 0, 0)

    in_virtual_time(run())


def test_what_no_bytes_can_be_made_of_is_kept_by_nobody_or_in_memory_alone() -> None:
    async def run() -> None:
        state, one, _ = two()
        large = Backend(lambda _, count: {"number": count, "wide": 2**70})
        assert [await number(one.cache(), large) for _ in range(2)] == [1, 1]
        await asyncio.sleep(0.1)
        assert state.values == {}
        strange = Backend(lambda _, count: {"number": count, "odd": object()})
        assert [await number(one.cache(FakeOperation("strange")), strange) for _ in range(2)] == [1, 2]

    in_virtual_time(run())


def test_bytes_entries_and_evictions_are_told() -> None:
    async def run() -> None:
        process = Process(most=64 * 1024)
        cache, backend = process.cache(), Backend(lambda _, count: {"number": count, "text": "x" * 3000})
        for each in range(40):
            await number(cache, backend, asking(arguments={"id": each}))
        gauges = process.services.metrics.gauges
        assert gauges["gateway_cache_entries"]() == len(process.answers.memory) < 40
        assert 48 * 1024 < gauges["gateway_cache_bytes"]() <= 64 * 1024
        assert process.services.metrics.total("gateway_cache_evictions_total") == 40 - len(process.answers.memory)

    in_virtual_time(run())
