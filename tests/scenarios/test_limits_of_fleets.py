"""Limits that processes share in Redis: what all of them admit together, and what holds when Redis is killed under load."""

from __future__ import annotations

import asyncio
import bisect
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.stores.redis_state import LIMIT
from gateway.testing.redis import RedisServer, ServerMissing, redis_server
from gateway.testing.scenario import Scenario, scenario, write
from tests.scenarios.limited_process import ADA, Seen, files

pytestmark = pytest.mark.service

PROCESSES = 4
RATE, BURST = 100, 20
SLACK = 0.15
"""Seconds that a busy machine may add to what is waited for."""


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    try:
        with redis_server() as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))


def policy(rates: str, store_fails: str) -> str:
    return f"policy: rate_limits\nrate_limits: {{default: {{{rates}}}}}\nwhen_store_fails: {store_fails}\n"


@pytest.mark.parametrize("seconds", [1.5, pytest.param(30.0, marks=pytest.mark.slow)])
def test_four_processes_admit_together_what_one_may(tmp_path: Path, redis: RedisServer, seconds: float) -> None:
    """At three times the rate: any sliding window holds no more than rate and burst, and the long run is the rate."""
    rates = f"requests_per_second: {RATE}, burst: {BURST}"
    write(tmp_path, files(redis.url(), policy(rates, "deny")))
    seen = offered(tmp_path, seconds)
    assert seen.ends.keys() == {"admitted", "rate_limited"}
    assert sum(seen.ends.values()) >= 2.7 * RATE * seconds
    assert most_within(seen.admitted, 1.0) <= RATE + BURST
    span = max(known for _, known in seen.admitted) - seen.admitted[0][0]
    assert (0.98 if seconds > 10 else 0.9) * (BURST + RATE * span) <= len(seen.admitted) <= 1.02 * (BURST + RATE * span)


def offered(folder: Path, seconds: float) -> Seen:
    """What became of requests at three times the rate."""
    asked = [str(folder), str(seconds), str(3 * RATE / PROCESSES), str(PROCESSES)]
    command = [sys.executable, "-m", "tests.scenarios.limited_process", *asked]
    return msgspec.json.decode(subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=seconds + 90).stdout, type=Seen)


def most_within(admitted: list[tuple[float, float]], window: float) -> int:
    """The most that were certainly admitted in a sliding window: sent and known inside of it."""
    known = sorted(end for _, end in admitted)
    sent = sorted(begin for begin, _ in admitted)
    return max(
        bisect.bisect_left(known, begin + window) - bisect.bisect_left(sent, begin) for begin in sent
    )  # at least so many lie wholly inside: those known before its end, less those sent before its start


@pytest.mark.parametrize("store_fails", ["local", pytest.param("allow", marks=pytest.mark.slow), "deny"])
async def test_redis_is_killed_under_load(tmp_path: Path, redis: RedisServer, store_fails: str) -> None:
    rates = "requests_per_hour: 100000" if store_fails == "deny" else "requests_per_hour: 200"
    async with scenario(tmp_path, files(redis.url(), policy(rates, store_fails)), {"shop.order": 1}) as gateway:
        load = Load(gateway)
        callers = [asyncio.create_task(load.run()) for _ in range(8)]
        await load.reach("admitted", 50)
        redis.kill()
        killed = time.monotonic()
        await load.until_sent(killed + LIMIT)
        after = load.ends_from(killed + LIMIT + SLACK)
        while sum(after.values()) < 300:
            await asyncio.sleep(0.01)
            after = load.ends_from(killed + LIMIT + SLACK)
        expected = {"local": {"admitted", "rate_limited"}, "allow": {"admitted"}, "deny": {"unavailable"}}[store_fails]
        assert set(after) <= expected
        if store_fails == "local":
            assert load.ends_from(0.0)["admitted"] == 200  # this process alone: what it had admitted before counts on
        redis.start()
        await until(lambda: redis.run("DBSIZE") == "1")
        back = time.monotonic()
        await load.until_sent(back + 0.05)
        load.stop()
        await asyncio.gather(*callers)
        assert load.longest < LIMIT + SLACK
        assert "unavailable" not in load.ends_from(back + 0.05)
        assert load.ends_from(back).get("admitted", 0) > 0


class Load:
    """Asks again and again; `done` is when each request was sent, and how it ended."""

    def __init__(self, gateway: Scenario) -> None:
        self._gateway = gateway
        self._stopped = False
        self.done: list[tuple[float, str]] = []
        self.longest = 0.0

    async def run(self) -> None:
        while not self._stopped:
            sent = time.monotonic()
            error = (await self._gateway.ask("ask", user=ADA)).error
            self.longest = max(self.longest, time.monotonic() - sent)
            self.done.append((sent, "admitted" if error is None else error.code))
            await asyncio.sleep(0.004)

    def stop(self) -> None:
        self._stopped = True

    def ends_from(self, moment: float) -> dict[str, int]:
        """How those ended that were sent from then on."""
        found: dict[str, int] = {}
        for sent, code in self.done:
            if sent >= moment:
                found[code] = found.get(code, 0) + 1
        return found

    async def reach(self, code: str, count: int) -> None:
        await until(lambda: self.ends_from(0.0).get(code, 0) >= count)

    async def until_sent(self, moment: float) -> None:
        await until(lambda: bool(self.done) and self.done[-1][0] >= moment)


async def until(holds: Any, seconds: float = 10.0) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, "it never came true"
        await asyncio.sleep(0.01)
