"""Pools from URLs, and the problems of URLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.sources.sql_engine import DatabaseFault, database_url, open_engine


def test_relative_files_are_below_the_folder(tmp_path: Path) -> None:
    assert database_url("sqlite:///var/a.db", tmp_path).database == str(tmp_path / "var" / "a.db")
    assert database_url("sqlite:////srv/a.db", tmp_path).database == "/srv/a.db"
    assert database_url("sqlite+aiosqlite:///a.db", tmp_path).drivername == "sqlite+aiosqlite"


def test_postgresql_gets_its_asynchronous_driver(tmp_path: Path) -> None:
    url = database_url("postgresql://u:p@h/d?sslmode=require", tmp_path)
    assert (url.drivername, url.password, url.query["sslmode"]) == ("postgresql+psycopg", "p", "require")


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("", "sqlite:///"),
        ("nonsense", "postgresql://"),
        ("postgres://u@h/d", "postgresql://"),
        ("postgresql+psycopg2://u:hunter2@h/d", "postgresql+psycopg://"),
        ("sqlite+pysqlite:///a.db", "sqlite+aiosqlite://"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "name a file"),
        ("postgresql://u:hunter2@h:port/d", ""),
    ],
)
def test_urls_that_cant_be_used(url: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseFault) as caught:
        database_url(url, tmp_path)
    assert caught.value.code == "GW252"
    assert hint in (caught.value.hint or "")
    assert "hunter2" not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("mysql+aiomysql://u:hunter2@h/d", "GW253", "`aiomysql` is not installed"),
        ("trino://h/c", "GW253", "`trino` is not a known kind"),
        ("mysql+pymysql://h/d", "GW253", "`pymysql` is not installed"),
    ],
)
def test_drivers_that_arent_there(url: str, code: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseFault, match=said) as caught:
        open_engine(database_url(url, tmp_path), read_only=False, connections=1)
    assert caught.value.code == code
    assert "hunter2" not in f"{caught.value.message}{caught.value.hint}"


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError(name="psycopg")

    monkeypatch.setattr("gateway.sources.sql_engine.create_async_engine", missing)
    with pytest.raises(DatabaseFault) as caught:
        open_engine(database_url("postgresql://h/d", tmp_path), read_only=True, connections=1)
    assert caught.value.hint == "install it with `pip install 'gateway[postgres]'`"


def test_read_only_that_nobody_enforces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFault, match="can't be enforced"):
        open_engine(database_url("oracle+oracledb_async://h/d", tmp_path), read_only=True, connections=1)


async def test_the_pool_is_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "a b#?%20"
    folder.mkdir()
    engine = open_engine(database_url("sqlite:///c d#.db", folder), read_only=False, connections=3)
    pool = engine.sync_engine.pool
    assert (pool.size(), pool._max_overflow) == (3, 0)  # type: ignore[attr-defined]
    with pytest.raises(FileNotFoundError):
        async with engine.connect():
            pass
    (folder / "c d#.db").touch()
    async with engine.connect() as connection:
        await connection.exec_driver_sql("CREATE TABLE t (a)")
    await engine.dispose()
    assert (folder / "c d#.db").stat().st_size > 0
