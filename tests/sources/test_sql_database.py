"""Running queries. What real databases do is tested in `test_sql_sqlite.py` and `test_sql_postgres.py`."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text

from gateway.sdk import SystemClock, Timeout, Unavailable
from gateway.sources.sql_database import Database, Query
from gateway.sources.sql_engine import database_url, open_engine

ONE = Query(text("SELECT 1 AS n"), {}, 1, streams=True, commits=False)
LONG = Query(
    text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"), {}, 1, True, False
)


def database(folder: Path, connections: int = 1) -> Database:
    (folder / "a.db").touch()
    engine = open_engine(database_url("sqlite:///a.db", folder), read_only=True, connections=connections)
    return Database(engine, connections, SystemClock(), logging.getLogger("test"))


async def test_without_an_engine_nothing_is_available() -> None:
    nothing = Database(None, 1, SystemClock(), logging.getLogger("test"))
    with pytest.raises(Unavailable):
        await nothing.run(ONE, monotonic() + 1)
    assert not await nothing.reachable()
    await nothing.close()


async def test_a_thousand_cancelled_queries_cost_no_connection(tmp_path: Path) -> None:
    subject = database(tmp_path, connections=2)
    tasks = [asyncio.create_task(subject.run(LONG, monotonic() + 30)) for _ in range(1000)]
    await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    answers = await asyncio.gather(*(subject.run(ONE, monotonic() + 5) for _ in range(10)))
    assert answers == [{"rows": [{"n": 1}], "count": 1}] * 10
    assert subject._engine is not None
    await subject.close()
    assert subject._engine.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_cancelled_at_every_moment_of_a_query(tmp_path: Path) -> None:
    """Cancelled after any number of turns of the event loop, from connecting to giving back."""
    subject = database(tmp_path)
    for turns in range(40):
        task = asyncio.create_task(subject.run(ONE, monotonic() + 5))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await subject.run(ONE, monotonic() + 5))["count"] == 1
    await subject.close()


async def test_closing_waits_for_what_is_being_ended(tmp_path: Path) -> None:
    subject = database(tmp_path)
    with pytest.raises(Timeout):
        await subject.run(LONG, monotonic() + 0.05)
    await subject.close()
    assert subject._cleaning == set()


async def test_where_no_connection_could_be_made_nothing_was_sent(tmp_path: Path) -> None:
    some = database(tmp_path)
    (tmp_path / "a.db").unlink()
    with pytest.raises(Unavailable) as caught:
        await some.run(ONE, monotonic() + 5)
    assert caught.value.unsent
    await some.close()
