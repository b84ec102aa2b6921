"""Store `sqlite`: records in a file beside the configuration, for one machine.

Each commit is on the disk before it counts (`synchronous=FULL`; with `NORMAL` a power cut may take the last commits). Several worker
processes may write to one file.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote

from gateway.sdk import Component, Model, RecordStore, Secret, Services, described
from gateway.stores.sql_records import SqlRecords, Statements

PREFIX = "sqlite:///"
BUSY_SECONDS = 5.0
"""How long another process may keep the file locked."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SqliteConfig(Model, frozen=True, kw_only=True):
    """A file."""

    url: Annotated[Secret, described("The file, relative to gateway.yaml: `sqlite:///var/gateway.db`; with four slashes absolute.")]


class SqliteDriver:
    """Connections to one file. It is made for its owner alone (0600), and so are folders that are missing (0700)."""

    statements = Statements(number="INTEGER", mark="?", begin_write="BEGIN IMMEDIATE", begin_read="BEGIN", lock="")
    errors = (sqlite3.Error, sqlite3.Warning, OSError)

    def __init__(self, file: Path) -> None:
        self._file = file

    def connect(self) -> Any:
        """See `Driver.connect`."""
        _make_folder(self._file.parent)
        os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = self._connection("rw")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def connect_to_read(self) -> Any:
        """See `Driver.connect_to_read`. A file in WAL mode can only be read where its folder may be written to, or holds its log."""
        return self._connection("ro")

    def is_damage(self, error: Exception) -> bool:
        """See `Driver.is_damage`. A table or column that is not there counts: somebody took it out."""
        code = getattr(error, "sqlite_errorcode", None)
        return code is not None and (code & 0xFF in _DAMAGE or code == sqlite3.SQLITE_ERROR)

    def exists(self) -> bool:
        """See `Driver.exists`."""
        return self._file.exists()

    def is_absent(self, error: Exception) -> bool:
        """See `Driver.is_absent`. What SQLite says of a missing table has no code of its own."""
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR and str(error).startswith("no such table")

    def describe(self, error: Exception) -> str:
        """See `Driver.describe`."""
        if isinstance(error, OSError):
            return error.strerror or type(error).__name__
        return f"{type(error).__name__} {getattr(error, 'sqlite_errorname', '')}".strip()

    def _connection(self, mode: str) -> sqlite3.Connection:
        uri = f"file:{quote(str(self._file))}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        connection.text_factory = _text
        return connection


def _text(raw: bytes) -> str:
    """Texts that somebody made unreadable are still read, and then differ from what was written."""
    return raw.decode("utf-8", "surrogateescape")


def _make_folder(folder: Path) -> None:
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        with suppress(FileExistsError):
            missing.mkdir(mode=0o700)


def build(config: SqliteConfig, services: Services) -> RecordStore | None:
    """None, and a problem, for a URL that names no file."""
    name, _, options = config.url.removeprefix(PREFIX).partition("?")
    if not config.url.startswith(PREFIX) or not name or options or "\0" in unquote(name) or name.startswith((":memory:", "file:")):
        hint = "write for example `sqlite:///var/gateway.db`"
        services.problem("GW252", "a SQLite store names a file, and nothing else", path=(), hint=hint)
        return None
    return SqlRecords(SqliteDriver(services.folder.absolute() / unquote(name)))


component = Component(
    kind="store",
    name="sqlite",
    Config=SqliteConfig,
    build=build,
    summary="Records in a SQLite file beside the configuration.",
    example="stores: {records: sqlite:///var/gateway.db}",
)
