"""Whatever is kept, joined, batched, hedged, tried again or given stale: nobody is shown what was made for another.

People of three tenants, with the same names by several issuers, ask for the same things at once. Every answer of the backend has a number
of its own, and the backend remembers what it was told when it made it; each answer is held against what its own request would have told
(`isolation_oracle`). Backends break, callers leave, time jumps, answers are purged, and memory is scarce.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.testing.redis import RedisServer, ServerMissing, redis_server
from tests.scenarios.isolation_storm import Storm, storm

SCARCE, ENOUGH = "128KiB", "16MiB"
"""With little, most is forgotten soon."""


def assert_stormy(run: Storm, requests: int) -> None:
    """It would find nothing where nothing is shared, or little answered."""
    assert run.statuses.total() == requests
    assert run.statuses["200"] > requests * 0.4, run.statuses
    assert min(run.statuses["left"], run.statuses["404"], run.statuses["502"]) > requests * 0.02, run.statuses
    assert run.oracle.given > run.oracle.seen * 1.5, "hardly an answer was given twice"
    assert run.oracle.joint > run.oracle.seen * 0.05, "hardly an answer was given to two people"


@pytest.mark.parametrize(("seed", "memory"), [(1, SCARCE), (2, ENOUGH), (None, ENOUGH)], ids=["scarce", "enough", "random"])
async def test_nobody_is_shown_what_was_made_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int | None, memory: str
) -> None:
    seed = random.randrange(10**9) if seed is None else seed
    print(f"seed {seed}")
    async with storm(tmp_path / "isolation", monkeypatch, seed, memory=memory) as run:
        await run.run(800)
        assert_stormy(run, 800)


RARE = {
    "barriers": r"(ensured|within|guarded|behind)_(unset|user|stale)",
    "absences": r"ask_plain_nothing_(public|stale|absent|batchkept)",
    "batches": r"ask_(plain|keyed)_(nothing|locale)_batch(kept)?",
    "refreshes": r"ask_(plain|noted)_(user|roles|nothing)_stale",
}
"""What few requests of many lead to: with it alone, whatever is wrong there shows at once."""


@pytest.mark.parametrize("part", RARE)
async def test_nobody_is_shown_it_where_it_is_rare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    async with storm(tmp_path / "isolation", monkeypatch, 4, memory=ENOUGH) as run:
        await run.run(1500, re.compile(RARE[part]))
        assert run.statuses.total() == 1500
        assert run.oracle.given > run.oracle.seen * 1.2, "hardly an answer was given twice"


@pytest.mark.slow
@pytest.mark.parametrize("memory", [SCARCE, ENOUGH])
@pytest.mark.parametrize("seed", range(100, 110))
async def test_nobody_is_shown_it_at_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, memory: str) -> None:
    async with storm(tmp_path / "isolation", monkeypatch, seed, memory=memory) as run:
        await run.run(10_000)
        assert_stormy(run, 10_000)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    try:
        with redis_server() as running:
            yield running
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.service
async def test_nobody_is_shown_it_where_gateways_share_what_they_keep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: RedisServer
) -> None:
    async with storm(tmp_path / "isolation", monkeypatch, 3, memory=SCARCE, state=redis.url(), gateways=2) as run:
        await run.run(800)
        assert_stormy(run, 800)
        assert "keyspace_hits:0\r" not in redis.run("INFO", "stats")


@pytest.mark.slow
@pytest.mark.service
@pytest.mark.parametrize("seed", range(200, 205))
async def test_nobody_is_shown_it_while_the_store_comes_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: RedisServer, seed: int
) -> None:
    async with storm(tmp_path / "isolation", monkeypatch, seed, memory=SCARCE, state=redis.url(), gateways=2) as run:
        for _ in range(4):
            await run.run(1500)
            redis.kill()
            await run.run(500)
            redis.start()
        assert_stormy(run, 8000)
