"""Idempotency records in SQLite and in PostgreSQL: the contract, and what only a database can get wrong."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.sdk.idempotency import IdempotencyStore, KeepsIdempotency
from gateway.sdk.records import RecordsUnavailable
from gateway.stores import postgres, sqlite
from gateway.stores.sql_idempotency import TABLE
from gateway.testing import FakeServices
from gateway.testing.idempotency_contract import FIRST, HELD, IdempotencyStoreContract, Make
from gateway.testing.postgres import Postgres, ServerMissing, postgres_server


@pytest.fixture
def opened() -> Iterator[Callable[[object], IdempotencyStore]]:
    """The store beside a store of audit records; it is closed in the end."""
    made: list[IdempotencyStore] = []

    def open_beside(records: object) -> IdempotencyStore:
        assert isinstance(records, KeepsIdempotency)
        made.append(records.idempotency())
        return made[-1]

    yield open_beside
    for store in made:
        store.close()


def in_file(folder: Path, url: str = "sqlite:///var/gateway.db") -> object:
    return sqlite.build(sqlite.SqliteConfig(url=url), FakeServices(folder=folder))


class TestSqlite(IdempotencyStoreContract):
    @pytest.fixture
    def make(self, tmp_path: Path, opened: Callable[[object], IdempotencyStore]) -> Make:
        return lambda: opened(in_file(tmp_path))

    @pytest.fixture
    def gone(self, tmp_path: Path, opened: Callable[[object], IdempotencyStore]) -> IdempotencyStore:
        (tmp_path / "file").write_text("no folder")
        return opened(in_file(tmp_path, "sqlite:///file/gateway.db"))

    def test_each_commit_is_on_the_disk_in_a_file_for_its_owner_alone(self, tmp_path: Path, make: Make) -> None:
        with make().rows(writing=True) as rows:
            rows.add(FIRST)
            assert rows._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # type: ignore[attr-defined] # FULL
        assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "var").iterdir()} == {0o600}

    def test_to_look_makes_nothing(self, tmp_path: Path, make: Make) -> None:
        assert not make().is_there()
        assert list(tmp_path.iterdir()) == []

    def test_records_of_the_gateway_itself_stand_beside_them(self, tmp_path: Path, make: Make) -> None:
        with make().rows(writing=True) as rows:
            rows.add(FIRST)
        audit = sqlite.build(sqlite.SqliteConfig(url="sqlite:///var/gateway.db"), FakeServices(folder=tmp_path))
        assert audit is not None
        assert audit.append(["x"]).head.sequence == 1
        audit.close()

    @pytest.mark.parametrize("value", ["state = 'odd'", "lease_until = 'soon'"])
    def test_a_record_that_somebody_spoilt_costs_only_who_asks_for_it(self, tmp_path: Path, make: Make, value: str) -> None:
        store = make()
        with store.rows(writing=True) as rows:
            rows.add(FIRST)
        with closing(sqlite3.connect(tmp_path / "var/gateway.db", isolation_level=None)) as connection:
            connection.execute(f"UPDATE {TABLE} SET {value}")
        with store.rows(writing=True) as rows:
            with pytest.raises(RecordsUnavailable, match="can't be read"):
                rows.find("r1", 1000.0)
            assert rows.find("r2", 1000.0) is None

    def test_a_lost_table_is_made_anew_by_the_next_use_but_one(self, tmp_path: Path, make: Make) -> None:
        store = make()
        with store.rows(writing=True) as rows:
            rows.add(FIRST)
        with closing(sqlite3.connect(tmp_path / "var/gateway.db", isolation_level=None)) as connection:
            connection.execute(f"DROP TABLE {TABLE}")
        with pytest.raises(RecordsUnavailable), store.rows(writing=False) as rows:
            rows.find("r1", 1000.0)
        with store.rows(writing=False) as rows:
            assert rows.find("r1", 1000.0) is None


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    try:
        with postgres_server() as running:
            yield running
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.service
class TestPostgres(IdempotencyStoreContract):
    @pytest.fixture
    def make(self, server: Postgres, opened: Callable[[object], IdempotencyStore]) -> Make:
        server.run(f"DROP TABLE IF EXISTS {TABLE}")
        return lambda: opened(in_database(server.url()))

    @pytest.fixture
    def gone(self, server: Postgres, opened: Callable[[object], IdempotencyStore]) -> IdempotencyStore:
        return opened(in_database(server.url("nobody_made_it")))

    def test_commits_wait_for_the_disk(self, make: Make) -> None:
        with make().rows(writing=True) as rows:
            assert rows._connection.execute("SHOW synchronous_commit").fetchone() == ("on",)  # type: ignore[attr-defined]

    def test_a_connection_that_was_ended_is_made_anew(self, server: Postgres, make: Make) -> None:
        store = make()
        with store.rows(writing=True) as rows:
            rows.add(FIRST)
        server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name <> 'psql'")
        with pytest.raises(RecordsUnavailable), store.rows(writing=False) as rows:
            rows.find("r1", 1000.0)
        with store.rows(writing=False) as rows:
            assert rows.find("r1", 1000.0) == HELD


def in_database(url: str) -> object:
    return postgres.build(postgres.PostgresConfig(url=url), FakeServices())
