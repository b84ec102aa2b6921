"""SQLite: the store's contract, its files, and what can go wrong with them."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.sdk import RecordsDamaged, RecordStore, RecordsUnavailable
from gateway.stores.sql_records import SqlRecords
from gateway.stores.sqlite import SqliteConfig, SqliteDriver, build, component
from gateway.testing import FakeServices
from gateway.testing.contracts import RecordStoreContract

StoreIn = Callable[..., RecordStore]


@pytest.fixture
def store_in() -> Iterator[StoreIn]:
    """Makes stores, which are closed in the end."""

    def make(folder: Path, url: str = "sqlite:///var/gateway.db") -> RecordStore:
        services = FakeServices(folder=folder)
        store = build(SqliteConfig(url=url), services)
        assert services.problems == []
        assert store is not None
        made.append(store)
        return store

    made: list[RecordStore] = []
    yield make
    for store in made:
        store.close()


class TestSqlite(RecordStoreContract):
    @pytest.fixture
    def make(self, tmp_path: Path, store_in: StoreIn) -> Callable[[], RecordStore]:
        return lambda: store_in(tmp_path)

    @pytest.fixture
    def gone(self, tmp_path: Path, store_in: StoreIn) -> RecordStore:
        (tmp_path / "file").write_text("no folder")
        return store_in(tmp_path, "sqlite:///file/gateway.db")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_folders_are_for_their_owner_alone(store_in: StoreIn, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = store_in(tmp_path, "sqlite:///a/b/gateway.db")
        store.append(["x"])
        assert [mode(tmp_path / each) for each in ("a", "a/b", "a/b/gateway.db")] == [0o700, 0o700, 0o600]
        assert {mode(path) for path in (tmp_path / "a/b").iterdir()} == {0o600}
        store.close()
    finally:
        os.umask(before)


def test_a_folder_that_is_there_keeps_its_mode(store_in: StoreIn, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o755)
    before = mode(tmp_path / "var")
    store_in(tmp_path).open()
    assert mode(tmp_path / "var") == before


def test_commits_are_on_the_disk(tmp_path: Path) -> None:
    connection = SqliteDriver(tmp_path / "a.db").connect()
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_reading_makes_no_file(store_in: StoreIn, tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with pytest.raises(RecordsUnavailable), store.snapshot():
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["sqlite:///%C3%A9t%C3%A9%20a.db", "sqlite:///a%3Fb%23c.db"])
def test_names_are_decoded(store_in: StoreIn, tmp_path: Path, url: str) -> None:
    store_in(tmp_path, url).open()
    assert {path.name for path in tmp_path.iterdir()} & {"été a.db", "a?b#c.db"}


def test_four_slashes_are_absolute(store_in: StoreIn, tmp_path: Path) -> None:
    store_in(tmp_path / "elsewhere", f"sqlite:///{tmp_path}/here.db").open()
    assert (tmp_path / "here.db").is_file()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "sqlite:///x?mode=ro", "sqlite://host/x", "sqlite:///a%00b"]
)  # fmt: skip
def test_a_url_without_a_file_is_refused(url: str) -> None:
    services = FakeServices()
    assert build(SqliteConfig(url=url), services) is None
    (problem,) = services.problems
    assert (problem.code, problem.hint) == ("GW252", "write for example `sqlite:///var/gateway.db`")
    assert url not in problem.message


def test_a_file_that_is_no_database_is_damage(store_in: StoreIn, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/gateway.db").write_bytes(b"not a database at all" * 100)
    store = store_in(tmp_path)
    with pytest.raises(RecordsDamaged, match="SQLITE_NOTADB"), store.snapshot():
        pass
    with pytest.raises(RecordsUnavailable):
        store.append(["x"])


@pytest.mark.parametrize("table", ["gateway_layout", "gateway_audit_records", "gateway_audit_chain"])
def test_a_missing_table_is_damage(store_in: StoreIn, tmp_path: Path, table: str) -> None:
    store = store_in(tmp_path)
    store.append(["x"])
    store.close()
    change(tmp_path, f"DROP TABLE {table}")
    with pytest.raises(RecordsDamaged), store.snapshot() as (_, links):
        list(links)


@pytest.mark.parametrize("what", ["DELETE FROM gateway_audit_chain", "UPDATE gateway_audit_chain SET head_sequence = 'x'"])
def test_a_chain_that_has_lost_its_ends_is_damage(store_in: StoreIn, tmp_path: Path, what: str) -> None:
    store = store_in(tmp_path)
    store.append(["x"])
    change(tmp_path, what)
    with pytest.raises(RecordsDamaged), store.snapshot():
        pass
    with pytest.raises(RecordsUnavailable):
        store.append(["y"])
    store.close()


def change(folder: Path, sql: str) -> None:
    connection = sqlite3.connect(folder / "var/gateway.db", isolation_level=None)
    connection.execute(sql)
    connection.close()


def test_a_full_disk_adds_nothing_and_passes(tmp_path: Path) -> None:
    class Full(SqliteDriver):
        pages = 12

        def connect(self) -> sqlite3.Connection:
            connection: sqlite3.Connection = super().connect()
            connection.execute(f"PRAGMA max_page_count = {self.pages}")
            return connection

    store = SqlRecords(Full(tmp_path / "a.db"))
    head = store.append(["x"]).head
    with pytest.raises(RecordsUnavailable, match="SQLITE_FULL"):
        store.append(["y" * 1000] * 500)
    Full.pages = 10_000
    assert store.open().head == head
    assert store.append(["z"]).head.sequence == 2
    store.close()


def test_a_file_that_may_not_be_written(store_in: StoreIn, tmp_path: Path) -> None:
    class ReadOnly(SqliteDriver):
        def connect(self) -> sqlite3.Connection:
            connection: sqlite3.Connection = self.connect_to_read()
            return connection

    store_in(tmp_path).append(["x"])
    with pytest.raises(RecordsUnavailable, match="SQLITE_READONLY"):
        SqlRecords(ReadOnly(tmp_path / "var/gateway.db")).append(["y"])  # a failure closes it


def test_a_file_that_another_process_keeps_locked(store_in: StoreIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.stores.sqlite.BUSY_SECONDS", 0.02)
    store = store_in(tmp_path)
    store.append(["x"])
    other = sqlite3.connect(tmp_path / "var/gateway.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(RecordsUnavailable, match="SQLITE_BUSY"):
        store.append(["y"])
    other.execute("ROLLBACK")
    other.close()
    assert store.append(["y"]).head.sequence == 2
    store.close()


def test_the_component_says_what_it_is() -> None:
    assert (component.kind, component.name) == ("store", "sqlite")
