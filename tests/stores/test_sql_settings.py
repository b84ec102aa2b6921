"""Settings of operators are kept in the records' database, whoever writes and whatever is there already."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from gateway.sdk import RecordsUnavailable, SecretText
from gateway.sdk.settings import KeepsSettings
from gateway.stores.sql_records import SqlRecords
from gateway.stores.sql_settings import TABLE, SqlSettings
from gateway.stores.sqlite import SqliteDriver
from gateway.testing.postgres import Postgres, ServerMissing, postgres_server

NUMBERS = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    try:
        with postgres_server() as running:
            yield running
    except ServerMissing as missing:
        pytest.skip(str(missing))


class Contract:
    """Of any database."""

    def test_what_is_written_is_read_until_something_later_takes_its_place(self, settings: SqlSettings) -> None:
        assert settings.read("levels") == []
        settings.write("levels", "b", "first", 10.0)
        settings.write("levels", "a", "ü ${ } ' \" % ?", 11.5)
        settings.write("levels", "b", "earlier", 9.0)
        assert settings.read("levels") == ["ü ${ } ' \" % ?", "first"]
        settings.write("levels", "b", "later", 10.5)
        assert settings.read("levels")[1] == "later"

    def test_parts_are_apart(self, settings: SqlSettings) -> None:
        settings.write("levels", "a", "mine", 1.0)
        settings.write("others", "a", "theirs", 1.0)
        assert (settings.read("levels"), settings.read("others"), settings.read("nobodys")) == (["mine"], ["theirs"], [])

    def test_many_may_write_at_once(self, settings: SqlSettings) -> None:
        threads = [threading.Thread(target=settings.write, args=("levels", "a", str(number), float(number))) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert settings.read("levels") == ["7"]


class TestSqlite(Contract):
    @pytest.fixture
    def settings(self, tmp_path: Path) -> SqlSettings:
        return SqlSettings(SqliteDriver(tmp_path / "var" / "records.db"))

    def test_reading_makes_nothing(self, tmp_path: Path) -> None:
        settings = SqlSettings(SqliteDriver(tmp_path / "records.db"))
        assert not settings.exists()
        assert settings.read("levels") == []
        assert list(tmp_path.iterdir()) == []

    def test_records_beside_it_are_left_alone(self, tmp_path: Path) -> None:
        records = SqlRecords(SqliteDriver(tmp_path / "records.db"))
        assert isinstance(records, KeepsSettings)
        settings = records.settings()
        before = records.append(["one"])
        assert settings.exists()
        assert settings.read("levels") == []
        settings.write("levels", "a", "b", 1.0)
        assert records.open() == before
        records.close()

    def test_a_file_that_is_no_database_is_told_as_that(self, tmp_path: Path) -> None:
        (tmp_path / "records.db").write_bytes(b"no database at all, however long it is" * 100)
        settings = SqlSettings(SqliteDriver(tmp_path / "records.db"))
        with pytest.raises(RecordsUnavailable):
            settings.read("levels")
        with pytest.raises(RecordsUnavailable) as told:
            settings.write("levels", "a", "b", 1.0)
        assert str(tmp_path) not in str(told.value)

    def test_a_table_of_another_form_is_no_empty_one(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "records.db")) as connection:
            connection.execute(f"CREATE TABLE {TABLE} (other TEXT)")
        with pytest.raises(RecordsUnavailable):
            SqlSettings(SqliteDriver(tmp_path / "records.db")).read("levels")


@pytest.mark.service
class TestPostgres(Contract):
    @pytest.fixture
    def settings(self, server: Postgres) -> SqlSettings:
        name = f"settings{next(NUMBERS)}"
        server.run(f"CREATE DATABASE {name}")
        return SqlSettings(_driver(server.url(name)))

    def test_a_database_that_is_not_there_is_away(self, server: Postgres) -> None:
        settings = SqlSettings(_driver(server.url("nobody_made_it")))
        assert settings.exists()
        with pytest.raises(RecordsUnavailable):
            settings.read("levels")


def _driver(url: str) -> object:
    return pytest.importorskip("gateway.stores.postgres_driver", reason="psycopg is not installed").PostgresDriver(SecretText(url))
