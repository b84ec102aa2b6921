"""`type: sql` on SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.sdk import BackendError, Source, Unavailable
from gateway.sources import sql
from gateway.testing import FakeServices
from tests.sources.built import build, invoke
from tests.sources.sql_contract import ROWS, SqlContract

WASTE = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) "


def make_file(file: Path, script: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)


class TestSqlite(SqlContract):
    slow_query = WASTE + "SELECT count(*) AS n FROM n, invoices"

    @pytest.fixture
    async def source(self, services: FakeServices) -> AsyncIterator[Source]:
        self.file = services.folder / "shop.db"
        make_file(self.file, f"CREATE TABLE invoices (id INTEGER PRIMARY KEY, sku TEXT, customer TEXT); {ROWS}")
        source = self.build(services, "sqlite:///shop.db")
        assert services.problems == []
        yield source
        await source.close()

    @pytest.fixture
    def gone(self, services: FakeServices) -> Source:
        return self.build(services, "sqlite:///missing.db")

    def slow_write(self) -> dict[str, Any]:
        return {"query": f"INSERT INTO invoices {WASTE} SELECT 99, 'late', 'LATE' FROM n WHERE i = 999999999", "read_only": False}

    def busy(self) -> bool:
        """While a statement of ours runs, nobody else gets the whole file."""
        with closing(sqlite3.connect(self.file, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False

    async def test_a_missing_file_is_not_made(self, gone: Source, services: FakeServices) -> None:
        with pytest.raises(Unavailable):
            await gone.start()
        with pytest.raises(Unavailable):
            await invoke(gone, "add", id=1, sku="A")
        assert not await gone.ready()
        await gone.close()
        assert list(services.folder.iterdir()) == []

    async def test_closing_ends_every_thread(self, source: Source) -> None:
        before = set(threading.enumerate())
        await invoke(source, "history", customer="C1")
        opened = set(threading.enumerate()) - before
        assert opened
        await source.close()
        for thread in opened:  # told to end by now; the system takes its time
            await asyncio.to_thread(thread.join, 2)
        assert not [thread for thread in opened if thread.is_alive()]


async def test_read_only_is_enforced_by_the_database(services: FakeServices) -> None:
    """The load check is taken away here: SQLite itself must refuse."""
    make_file(services.folder / "a.db", "CREATE TABLE t (a)")
    source = build(
        sql.component, "source: a\ntype: sql\nurl: sqlite:///a.db", services, operations={"add": {"query": "INSERT INTO t VALUES (1)"}}
    )
    assert services.codes == ["GW251"]
    with pytest.raises(BackendError):
        await invoke(source, "add")
    await source.close()


async def test_values_are_json_safe(services: FakeServices) -> None:
    make_file(
        services.folder / "a.db", "CREATE TABLE t (a); INSERT INTO t VALUES (9223372036854775807), (9e999), (x'00ff'), ('ü'), (1.5), (NULL)"
    )
    source = build(
        sql.component,
        "source: a\ntype: sql\nurl: sqlite:///a.db",
        services,
        operations={"all": {"query": "SELECT a FROM t ORDER BY rowid"}},
    )
    response = await invoke(source, "all")
    assert [row["a"] for row in response.body["rows"]] == [9223372036854775807, None, "AP8=", "ü", 1.5, None]
    await source.close()


async def test_objects_and_lists_are_bound_as_json(services: FakeServices) -> None:
    make_file(services.folder / "a.db", "")
    query = "SELECT value AS v FROM json_each(:list) WHERE value <> json_extract(:object, '$.not')"
    source = build(sql.component, "source: a\ntype: sql\nurl: sqlite:///a.db", services, operations={"each": {"query": query}})
    response = await invoke(source, "each", list=[1, 2, 3], object={"not": 2})
    assert [row["v"] for row in response.body["rows"]] == [1, 3]
    await source.close()
