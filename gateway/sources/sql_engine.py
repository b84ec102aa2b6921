"""Connection pools for a database URL, and what makes their connections read-only."""

from __future__ import annotations

import os
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

_ASYNC_DRIVERS = {"sqlite": "aiosqlite", "postgresql": "psycopg"}
_EXTRAS = {"psycopg": "gateway[postgres]"}
_RECYCLE_SECONDS = 1800
_SOON = 5.0
"""Seconds that the pool itself waits for a connection; callers wait in front of it, so it has one at once."""


class DatabaseFault(ValueError):
    """Why no pool can be made for a URL. Neither text shows the URL: it may hold a password."""

    def __init__(self, message: str, hint: str | None = None, code: str = "GW252") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


def database_url(written: str, folder: FilePath) -> URL:
    """The URL with an async driver; a relative SQLite path is one below `folder`. Raises `DatabaseFault`."""
    try:
        url = make_url(written)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError) as fault:
        raise DatabaseFault(
            "this is not a database URL", "write for example `sqlite:///shop.db` or `postgresql://user@host/name`"
        ) from fault
    if kind == "postgres":
        raise DatabaseFault("`postgres` is not a kind of database here", "write `postgresql://…`")
    driver = _ASYNC_DRIVERS.get(kind)
    if driver is not None:
        named = url.drivername.partition("+")[2]
        if named not in ("", driver):
            raise DatabaseFault(f"the driver `{named}` is not supported for {kind}", f"write `{kind}+{driver}://…`")
        url = url.set(drivername=f"{kind}+{driver}")
    return _absolute(url, folder) if kind == "sqlite" else url


def _absolute(url: URL, folder: FilePath) -> URL:
    name = (url.database or "").removeprefix("file:")
    if not name or name.startswith(":memory:") or url.query.get("mode") == "memory":
        raise DatabaseFault("a database in memory is always empty", "name a file, as `sqlite:///shop.db`")
    return url.set(database=str(folder.absolute() / name))


def open_engine(url: URL, *, read_only: bool, connections: int) -> AsyncEngine:
    """A pool of at most `connections`; nothing is connected yet. Raises `DatabaseFault`."""
    kind = url.get_backend_name()
    file = url.database or ""
    options: dict[str, Any] = {}
    if kind == "sqlite":
        url = _sqlite_uri(url, read_only=read_only)
        if read_only:  # nothing to roll back: that saves a trip to the connection's thread
            options = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    elif kind == "postgresql":
        options = {"execution_options": {"postgresql_readonly": read_only}, "pool_pre_ping": True}
    elif read_only:
        hint = "use an account that may only read, and write `read_only: false`"
        raise DatabaseFault(f"`read_only` can't be enforced for `{kind}`", hint)
    engine = _create(url, pool_size=connections, **options)
    if kind == "sqlite":
        event.listen(engine.sync_engine, "do_connect", _FileCheck(file))
        if read_only:
            event.listen(engine.sync_engine, "connect", _forbid_writing)
    return engine


class _FileCheck:
    """Looks for the database's file before a connection to it gets a thread."""

    def __init__(self, file: str) -> None:
        self._file = file

    def __call__(self, _dialect: Any, _record: Any, _arguments: Any, _parameters: Any) -> None:
        if not os.access(self._file, os.R_OK):
            raise FileNotFoundError


def _sqlite_uri(url: URL, *, read_only: bool) -> URL:
    """SQLite's own URI: a missing file is an error instead of a new, empty database."""
    query = {**url.query, "mode": "ro" if read_only else "rw", "uri": "true"}
    return url.set(database=f"file:{quote(url.database or '')}", query=query)


def _forbid_writing(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _create(url: URL, **options: Any) -> AsyncEngine:
    try:
        return create_async_engine(
            url,
            poolclass=AsyncAdaptedQueuePool,
            max_overflow=0,
            pool_timeout=_SOON,
            pool_recycle=_RECYCLE_SECONDS,
            hide_parameters=True,
            **options,
        )
    except ImportError as fault:
        missing = fault.name or url.get_driver_name()
        extra = _EXTRAS.get(missing)
        hint = f"install it with `pip install '{extra}'`" if extra else f"install the Python package of `{missing}`"
        raise DatabaseFault(f"the database driver `{missing}` is not installed", hint, code="GW253") from fault
    except NoSuchModuleError as fault:
        hint = "install the SQLAlchemy dialect of this database"
        raise DatabaseFault(f"`{url.drivername}` is not a known kind of database", hint, code="GW253") from fault
    except InvalidRequestError as fault:
        raise DatabaseFault(f"`{url.drivername}` has no asynchronous driver", "name one, as `mysql+aiomysql://…`") from fault
    except (ArgumentError, TypeError, ValueError) as fault:
        raise DatabaseFault("this database URL has parameters that its driver refuses") from fault
