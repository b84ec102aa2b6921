"""Kept answers as callers see them: fresh, stale, refreshed, in place of failures; one call for many."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from gateway.policies.cache import build
from gateway.sdk import (
    BackendError,
    BadResponse,
    CircuitOpen,
    Forbidden,
    GatewayError,
    NotFound,
    OperationConfig,
    Overloaded,
    StepLimits,
    Timeout,
    Unavailable,
)
from gateway.sdk.source_config import Cache, DurationOrAuto
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of
from tests.policies.kept_calls import Backend, Process, asking, number
from tests.virtual_time import in_virtual_time


def virtually(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """A test that runs in virtual time."""

    def run() -> None:
        in_virtual_time(test())

    run.__name__ = test.__name__
    return run


@virtually
async def test_an_answer_is_given_again_until_it_is_no_longer_fresh() -> None:
    process, backend = Process(), Backend()
    cache = process.cache()
    first, again = asking(), asking()
    assert await number(cache, backend, first) == 1
    assert await number(cache, backend, again) == 1
    assert (first.course.cached, again.course.cached, again.course.stale, again.course.attempts) == (False, True, False, 0)
    await asyncio.sleep(9.99)
    assert await number(cache, backend) == 1
    await asyncio.sleep(0.02)
    assert await number(cache, backend) == 2
    assert (process.count("hit"), process.count("miss")) == (2, 2)


@virtually
async def test_other_arguments_are_other_answers() -> None:
    process, backend = Process(), Backend()
    cache = process.cache()
    assert [await number(cache, backend, asking(arguments={"a": x})) for x in (1, "1", True, None, [1], 1.0, 1)] == [1, 2, 3, 4, 5, 6, 1]


@virtually
async def test_a_stale_answer_is_given_at_once_while_one_new_one_is_fetched() -> None:
    process, backend = Process(), Backend(seconds=0.3)
    cache = process.cache(stale_while_revalidate="5s")
    await number(cache, backend)
    await asyncio.sleep(11)
    began = process.clock.monotonic()
    call = asking()
    assert [await number(cache, backend, call) for _ in range(5)] == [1] * 5
    assert process.clock.monotonic() == began
    assert (call.course.cached, call.course.stale, call.course.attempts) == (True, True, 0)
    await asyncio.sleep(0.4)
    fresh = asking()
    assert await number(cache, backend, fresh) == 2
    assert not fresh.course.stale
    assert len(backend.calls) == 2
    await asyncio.sleep(15.1)
    assert await number(cache, backend) == 3  # too old even to be stale


@virtually
async def test_a_hot_key_that_expires_is_one_call_and_nobody_waits() -> None:
    process, backend = Process(), Backend(seconds=0.3)
    cache = process.cache(stale_while_revalidate="5s")
    await number(cache, backend)
    await asyncio.sleep(9)
    waited: list[float] = []

    async def ask(after: float) -> None:
        await asyncio.sleep(after)
        began = process.clock.monotonic()
        await cache(asking(), backend)
        waited.append(process.clock.monotonic() - began)

    await asyncio.gather(*(ask(each / 500) for each in range(1500)))  # 500 a second, for three seconds
    assert len(backend.calls) == 2
    assert max(waited) == 0.0
    assert process.count("stale") == pytest.approx(150, abs=3)


@virtually
async def test_a_thousand_cold_reads_some_of_which_are_cancelled_are_one_call() -> None:
    process, backend, chance = Process(), Backend(seconds=0.3), random.Random(3)
    cache = process.cache()
    tasks = [asyncio.create_task(cache(asking(), backend)) for _ in range(1000)]
    leaving = chance.sample(tasks, 500)
    for task in leaving:
        asyncio.get_running_loop().call_later(chance.random() * 0.29, task.cancel)
    got = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(backend.calls) == 1
    assert sum(isinstance(each, asyncio.CancelledError) for each in got) == 500
    assert sum(not isinstance(each, BaseException) and each.value == {"number": 1} for each in got) == 500


@virtually
async def test_a_refresh_is_nobodys_call() -> None:
    process, backend = Process(), Backend(seconds=4)
    cache = process.cache(stale_while_revalidate="5s")
    await number(cache, backend)
    await asyncio.sleep(11)
    call = asking(seconds=0.5, limits={"ttl": "10s"})
    call.conditions = ()
    assert await number(cache, backend, call) == 1
    await asyncio.sleep(0)
    refresh = backend.calls[1]
    assert refresh.deadline - process.clock.monotonic() == pytest.approx(5)  # the source's timeout, not what the caller had left
    assert (refresh.course is call.course, refresh.limits == StepLimits()) == (False, True)
    await asyncio.sleep(4.1)
    assert await number(cache, backend) == 2


@virtually
async def test_who_asks_when_it_is_too_late_for_stale_waits_for_the_refresh_under_way() -> None:
    process, backend = Process(), Backend(seconds=4)
    cache = process.cache(stale_while_revalidate="1s")
    await number(cache, backend)
    await asyncio.sleep(10.9)
    assert await number(cache, backend) == 1
    await asyncio.sleep(0.5)
    assert await number(cache, backend) == 2
    assert len(backend.calls) == 2


@pytest.mark.parametrize(
    ("error", "stands_in"),
    [
        (Unavailable(), True),
        (Timeout(), True),
        (CircuitOpen(), True),
        (Overloaded(), True),
        (BadResponse(), True),
        (BackendError(status_code=503), True),
        (BackendError(status_code=500), True),
        (BackendError(status_code=429), False),
        (BackendError(status_code=403), False),
        (BackendError(), False),
        (NotFound(), False),
        (Forbidden(), False),
    ],
)
def test_what_is_kept_stands_in_for_a_failure_of_the_backend(error: GatewayError, stands_in: bool) -> None:
    async def run() -> None:
        process, backend = Process(), Backend(lambda _, count: {"number": 1} if count == 1 else error)
        cache = process.cache(stale_if_error="1m")
        await number(cache, backend)
        await asyncio.sleep(20)
        call = asking()
        if stands_in:
            assert await number(cache, backend, call) == 1
            assert (call.course.cached, call.course.stale, call.course.attempts) == (True, True, 1)
        else:
            with pytest.raises(type(error)):
                await cache(call, backend)
            assert not call.course.cached
        await asyncio.sleep(51)
        with pytest.raises(type(error)):
            await cache(asking(), backend)

    in_virtual_time(run())


@virtually
async def test_where_the_ladder_has_a_stale_rung_it_decides() -> None:
    process, backend = Process(), Backend(lambda _, count: {"number": 1} if count == 1 else Unavailable())
    cache = process.cache(stale_if_error="1m")
    await number(cache, backend)
    await asyncio.sleep(20)
    call = asking()
    call.limits = StepLimits(stale_by_ladder=True)
    with pytest.raises(Unavailable):
        await cache(call, backend)
    rung = asking(stale=30)
    assert await number(cache, backend, rung) == 1
    assert (rung.course.cached, rung.course.stale) == (True, True)


@virtually
async def test_a_stale_rung_takes_what_is_young_enough_and_sends_nothing() -> None:
    process, backend = Process(), Backend()
    cache = process.cache(stale_if_error="1m")
    with pytest.raises(Unavailable):
        await cache(asking(stale=30), backend)
    assert backend.calls == []
    await number(cache, backend)
    await asyncio.sleep(30)
    assert await number(cache, backend, asking(stale=30, seconds=-1)) == 1
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable):
        await cache(asking(stale=30), backend)
    assert await number(cache, backend, asking(stale=3600)) == 1
    await asyncio.sleep(40)
    with pytest.raises(Unavailable):  # `stale_if_error` is over, however patient the rung
        await cache(asking(stale=3600), backend)
    assert len(backend.calls) == 1


@virtually
async def test_an_absence_is_remembered_and_raised_as_a_new_error() -> None:
    absent = NotFound("No such order.", detail_code="E404", status_code=404)
    process, backend = Process(), Backend(lambda _, count: absent if count == 1 else {"number": count})
    cache = process.cache(negative="3s")
    errors = []
    for call in (asking(), asking(), asking()):
        with pytest.raises(NotFound) as caught:
            await cache(call, backend)
        errors.append(caught.value)
    assert [(error.message, error.detail_code, error.status_code) for error in errors] == [("No such order.", "E404", 404)] * 3
    assert len({id(error) for error in errors}) == 3
    assert len(backend.calls) == 1
    with pytest.raises(Unavailable):
        await cache(asking(stale=60), backend)
    await asyncio.sleep(3.1)
    assert await number(cache, backend) == 2
    assert process.count("negative") == 2


@virtually
async def test_without_negative_an_absence_is_asked_about_each_time_and_ends_what_was_kept() -> None:
    process, backend = Process(), Backend(lambda _, count: {1: {"number": 1}, 2: NotFound()}.get(count, Unavailable()))
    cache = process.cache(stale_if_error="1h")
    assert await number(cache, backend) == 1
    await asyncio.sleep(11)
    assert await number(cache, backend) is NotFound
    with pytest.raises(Unavailable):
        await cache(asking(), backend)
    assert len(backend.calls) == 3


@pytest.mark.parametrize("status", [401, 403, 410, 451])
def test_what_the_backend_has_withdrawn_does_not_come_back(status: int) -> None:
    async def run() -> None:
        refused = BackendError(status_code=status)
        process, backend = Process(), Backend(lambda _, count: {1: {"number": 1}, 2: refused}.get(count, Unavailable()))
        cache = process.cache(stale_if_error="1h")
        await number(cache, backend)
        await asyncio.sleep(11)
        with pytest.raises(BackendError):
            await cache(asking(), backend)
        with pytest.raises(Unavailable):
            await cache(asking(), backend)

    in_virtual_time(run())


@virtually
async def test_a_failed_refresh_is_counted_told_now_and_then_and_not_tried_at_once() -> None:
    process, backend = Process(), Backend(lambda _, count: {"number": 1} if count == 1 else Unavailable("http://10.0.0.7 refused"))
    cache = process.cache(stale_while_revalidate="5m")
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    process.services.logger.addHandler(handler)
    await number(cache, backend)
    await asyncio.sleep(11)
    for _ in range(120):
        assert await number(cache, backend) == 1
        await asyncio.sleep(0.5)
    process.services.logger.removeHandler(handler)
    assert 50 <= len(backend.calls) - 1 <= 61  # once a second at most
    assert process.services.metrics.total("gateway_cache_refresh_failures_total", source="erp", operation="order") == len(backend.calls) - 1
    assert [record.getMessage() for record in records] == ["a kept answer could not be refreshed: unavailable"]


class TestSteps:
    """A step's own `cache` only narrows."""

    @staticmethod
    async def ages(limits: dict[str, Any], age: float, **keys: Any) -> tuple[Any, bool]:
        process = Process()
        backend = Backend(lambda _, count: {"number": 1} if count == 1 else Unavailable())
        cache = process.cache(**keys)
        await number(cache, backend)
        await asyncio.sleep(age)
        call = asking(limits=limits)
        try:
            return await number(cache, backend, call), call.course.stale
        except Unavailable:
            return Unavailable, False

    @pytest.mark.parametrize(
        ("limits", "age", "got"),
        [
            ({"ttl": "3s"}, 2, (1, False)),
            ({"ttl": "3s"}, 4, (1, True)),
            ({"ttl": "1h"}, 9, (1, False)),
            ({"ttl": "1h"}, 11, (1, True)),
            ({"ttl": "auto"}, 9, (1, False)),
            ({"ttl": "3s", "stale_while_revalidate": "1s", "stale_if_error": "2s"}, 4.5, (1, True)),
            ({"ttl": "3s", "stale_while_revalidate": "0s", "stale_if_error": "1s"}, 4.5, (Unavailable, False)),
            ({"ttl": "3s", "stale_while_revalidate": "1h", "stale_if_error": "1h"}, 40, (Unavailable, False)),
        ],
    )
    def test_the_shorter_time_holds(self, limits: dict[str, Any], age: float, got: tuple[Any, bool]) -> None:
        assert in_virtual_time(self.ages(limits, age, stale_while_revalidate="5s", stale_if_error="20s")) == got

    def test_the_narrower_scope_holds(self) -> None:
        async def run() -> None:
            process, backend = Process(), Backend()
            cache = process.cache()
            narrow = {"scope": "user"}
            assert await number(cache, backend, asking("a")) == 1
            assert await number(cache, backend, asking("b")) == 1
            assert await number(cache, backend, asking("a", limits=narrow)) == 2
            assert await number(cache, backend, asking("b", limits=narrow)) == 3
            assert await number(cache, backend, asking("b", limits={"scope": "public"})) == 1

        in_virtual_time(run())


@virtually
async def test_closing_ends_refreshes_and_calls() -> None:
    process, backend = Process(), Backend(seconds=60)
    cache = process.cache()
    task = asyncio.create_task(cache(asking(seconds=100), backend))
    await asyncio.sleep(1)
    for hook in process.services.closers:
        await hook()
    with pytest.raises(Unavailable):
        await task


def test_only_reads_that_ask_for_it_have_one() -> None:
    cached = OperationConfig(cache=Cache(ttl=DurationOrAuto(1.0)))
    assert build(binding_of(FakeOperation(), OperationConfig()), FakeServices()) is None
    assert build(binding_of(FakeOperation(effect="write"), cached), FakeServices()) is None
    assert build(binding_of(FakeOperation(), cached), FakeServices()) is not None


@virtually
async def test_a_key_that_is_null_is_an_expression_error() -> None:
    process, backend = Process(), Backend()
    cache = process.cache(key=["args.a", "user.branch"])
    with pytest.raises(GatewayError) as caught:
        await cache(asking(arguments={"a": 1}), backend)
    assert caught.value.code == "expression_error"
    assert await number(cache, backend, asking(arguments={"a": 1}, branch="north")) == 1
    assert await number(cache, backend, asking(arguments={"a": 1}, branch="south")) == 2
    assert await number(cache, backend, asking("other", arguments={"a": 1}, branch="south")) == 2
