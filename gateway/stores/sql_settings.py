"""Settings of operators in the relational database that keeps the records, in a table of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Protocol

from gateway.sdk.records import RecordsUnavailable

TABLE = "gateway_settings"
MAKE = (
    f"CREATE TABLE IF NOT EXISTS {TABLE}"
    " (part TEXT NOT NULL, name TEXT NOT NULL, set_at DOUBLE PRECISION NOT NULL, body TEXT NOT NULL, PRIMARY KEY (part, name))"
)


class Words(Protocol):
    """What is said otherwise in each database (`gateway.stores.sql_records.Statements`)."""

    @property
    def mark(self) -> str: ...
    @property
    def begin_write(self) -> str: ...
    @property
    def lock_layout(self) -> str | None: ...


class Driver(Protocol):
    """As `gateway.stores.sql_records.Driver`, as far as it is needed here."""

    @property
    def statements(self) -> Words: ...
    @property
    def errors(self) -> tuple[type[Exception], ...]: ...
    def connect(self) -> Any: ...
    def connect_to_read(self) -> Any: ...
    def describe(self, error: Exception) -> str: ...
    def is_absent(self, error: Exception) -> bool: ...
    def exists(self) -> bool: ...


class SqlSettings:
    """Implements `gateway.sdk.settings.SettingStore`."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        mark = driver.statements.mark
        self._select = f"SELECT body FROM {TABLE} WHERE part = {mark} ORDER BY name"  # noqa: S608 -- constants
        self._insert = (
            f"INSERT INTO {TABLE} VALUES ({mark}, {mark}, {mark}, {mark})"  # noqa: S608 -- constants
            " ON CONFLICT (part, name) DO UPDATE SET set_at = excluded.set_at, body = excluded.body"
            f" WHERE excluded.set_at >= {TABLE}.set_at"
        )

    def exists(self) -> bool:
        """See `SettingStore.exists`."""
        return self._driver.exists()

    def read(self, part: str) -> list[str]:
        """See `SettingStore.read`."""
        if not self.exists():
            return []
        try:
            with closing(self._driver.connect_to_read()) as connection:
                return [row[0] for row in connection.execute(self._select, (part,)).fetchall()]
        except self._driver.errors as error:
            if self._driver.is_absent(error):
                return []
            raise RecordsUnavailable(self._driver.describe(error)) from error

    def write(self, part: str, name: str, text: str, at: float) -> None:
        """See `SettingStore.write`."""
        said = self._driver.statements
        with self._writing() as connection:
            connection.execute(said.begin_write)
            if said.lock_layout is not None:
                connection.execute(said.lock_layout)
            connection.execute(MAKE)
            connection.execute(self._insert, (part, name, at, text))
            connection.execute("COMMIT")

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """A connection of its own: what goes wrong leaves nothing half-done."""
        errors = self._driver.errors
        try:
            connection = self._driver.connect()
            try:
                yield connection
            finally:
                with suppress(*errors):
                    connection.close()
        except errors as error:
            raise RecordsUnavailable(self._driver.describe(error)) from error
