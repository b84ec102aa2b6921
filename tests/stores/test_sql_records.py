"""Layouts of the database: new ones are made in steps, later ones are left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.sdk import RecordsUnavailable
from gateway.stores.sql_records import MIGRATIONS, SqlRecords
from gateway.stores.sqlite import SqliteDriver

LATER = (
    *MIGRATIONS,
    ("ALTER TABLE gateway_audit_records ADD COLUMN node {number}", "CREATE INDEX by_node ON gateway_audit_records (node)"),
)


def version(file: Path) -> int:
    connection = sqlite3.connect(file)
    (found,) = connection.execute("SELECT version FROM gateway_layout WHERE part = 'audit'").fetchone()
    connection.close()
    assert isinstance(found, int)
    return found


def test_an_older_layout_is_brought_up_to_date_with_what_is_in_it(tmp_path: Path) -> None:
    driver = SqliteDriver(tmp_path / "a.db")
    old = SqlRecords(driver)
    head = old.append(["a"]).head
    old.close()
    new = SqlRecords(driver, LATER)
    assert new.open().head == head
    assert version(tmp_path / "a.db") == 2
    new.close()


def test_a_layout_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    driver = SqliteDriver(tmp_path / "a.db")
    with closing(SqlRecords(driver)) as store:
        store.open()
    broken = (*MIGRATIONS, ("ALTER TABLE gateway_audit_records ADD COLUMN node {number}", "no statement"))
    with pytest.raises(RecordsUnavailable):
        SqlRecords(driver, broken).open()
    assert version(tmp_path / "a.db") == 1
    with closing(SqlRecords(driver)) as store:
        assert store.append(["a"]).head.sequence == 1


def test_a_later_layout_is_left_alone(tmp_path: Path) -> None:
    driver = SqliteDriver(tmp_path / "a.db")
    with closing(SqlRecords(driver, LATER)) as new:
        new.open()
    old = SqlRecords(driver)
    with pytest.raises(RecordsUnavailable, match="by a later release: their layout is version 2"):
        old.append(["a"])
    with pytest.raises(RecordsUnavailable, match="version 2, and this release reads 1"), old.snapshot():
        pass
    assert version(tmp_path / "a.db") == 2


def test_other_parts_of_the_database_are_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.execute("CREATE TABLE gateway_layout (part TEXT PRIMARY KEY, version INTEGER NOT NULL)")
    connection.execute("INSERT INTO gateway_layout VALUES ('jobs', 7)")
    with closing(SqlRecords(SqliteDriver(tmp_path / "a.db"))) as store:
        store.append(["a"])
    assert connection.execute("SELECT part, version FROM gateway_layout ORDER BY part").fetchall() == [("audit", 1), ("jobs", 7)]
    connection.close()
