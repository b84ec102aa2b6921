"""Idle connections: the last one used is used first, and the oldest are closed."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from gateway.net.connection import Connection
from gateway.net.idle import IdleConnections


class Kept:
    usable = True
    idle_since = 0.0

    def abort(self) -> None:
        self.usable = False


def kept(count: int) -> list[Any]:
    return [cast("Connection", Kept()) for _ in range(count)]


async def test_the_last_one_in_is_the_first_one_out_and_unusable_ones_are_passed_over() -> None:
    idle = IdleConnections(10)
    first, second, third = kept(3)
    for each in (first, second, third):
        idle.push(each)
    second.usable = False
    assert [idle.pop(), idle.pop(), idle.pop()] == [third, first, None]
    idle.stop()


async def test_a_lost_one_is_forgotten() -> None:
    idle = IdleConnections(10)
    first, second = kept(2)
    idle.push(first)
    idle.discard(first)
    idle.discard(second)
    assert (len(idle), idle.pop()) == (0, None)
    idle.stop()


async def test_only_the_old_are_closed() -> None:
    idle = IdleConnections(0.005)
    old, young = kept(2)
    idle.push(old)
    idle.push(young)
    young.idle_since += 1000
    await asyncio.sleep(0.015)
    assert (old.usable, young.usable, len(idle)) == (False, True, 1)
    idle.stop()


async def test_stopped_it_closes_nothing_more() -> None:
    idle = IdleConnections(0.005)
    (only,) = kept(1)
    idle.push(only)
    idle.stop()
    await asyncio.sleep(0.015)
    assert only.usable
