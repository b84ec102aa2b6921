"""Calls that may be given nothing but what is kept: nothing is sent for them, and nobody waits for them or they for anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.policies.cache import AnswerCache
from gateway.sdk import Call, StepLimits, Unavailable
from tests.policies.kept_calls import Backend, Process, asking, number
from tests.virtual_time import in_virtual_time


def kept_only(*, limits: Mapping[str, Any] | None = None) -> Call:
    call = asking(limits=limits)
    call.kept_only = True
    return call


async def given(cache: AnswerCache, backend: Backend, call: Call | None = None) -> Any:
    try:
        return await number(cache, backend, call or kept_only())
    except Unavailable:
        return None


@pytest.mark.parametrize(
    ("keys", "age", "expected", "stale"),
    [
        ({}, 9, 1, False),
        ({}, 11, None, False),
        ({"stale_while_revalidate": "20s"}, 25, 1, True),
        ({"stale_if_error": "60s"}, 65, 1, True),
        ({"stale_if_error": "60s"}, 75, None, False),
    ],
)
def test_what_may_stand_in_for_a_failure_is_given(keys: dict[str, str], age: float, expected: int | None, stale: bool) -> None:
    async def test() -> None:
        process, backend = Process(), Backend()
        cache = process.cache(**keys)
        await number(cache, backend)
        await asyncio.sleep(age)
        call = kept_only()
        assert await given(cache, backend, call) == expected
        assert call.course.stale is stale
        await asyncio.sleep(1)
        assert await number(cache, backend) in (1, 2)
        await cache.close()

    in_virtual_time(test())


def test_nothing_is_sent_for_it_and_it_is_no_miss() -> None:
    async def test() -> None:
        process, backend = Process(), Backend()
        cache = process.cache(stale_while_revalidate="60s")
        assert await given(cache, backend) is None
        assert process.count("miss") == 0
        assert await number(cache, backend) == 1, "nothing was sent before"
        await asyncio.sleep(20)
        assert await given(cache, backend) == 1
        await asyncio.sleep(1)
        await cache.close()
        assert len(backend.calls) == 1, "not in the background either"

    in_virtual_time(test())


def test_it_waits_for_no_call_under_way() -> None:
    async def test() -> None:
        process, backend = Process(), Backend(seconds=3)
        cache = process.cache()
        other = asyncio.ensure_future(number(cache, backend))
        await asyncio.sleep(1)
        before = process.clock.monotonic()
        assert await given(cache, backend) is None
        assert process.clock.monotonic() - before < 0.1
        assert await other == 1

    in_virtual_time(test())


def test_a_step_makes_it_narrower_and_a_ladder_decides_itself() -> None:
    async def test() -> None:
        process, backend = Process(), Backend()
        cache = process.cache(stale_if_error="60s")
        await number(cache, backend)
        await asyncio.sleep(30)
        assert await given(cache, backend, kept_only(limits={"stale_if_error": "10s"})) is None
        assert await given(cache, backend, kept_only(limits={"stale_if_error": "40s"})) == 1
        by_ladder = kept_only()
        by_ladder.limits = StepLimits(stale_by_ladder=True)
        assert await given(cache, backend, by_ladder) is None

    in_virtual_time(test())
