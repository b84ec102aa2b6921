"""Idempotency records in the relational database that keeps the audit records, in a table of their own.

Names of records, owners and fingerprints are digests; answers are sealed by whoever hands them in (`gateway.runtime.sealed_answer`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Protocol

import msgspec

from gateway.sdk.idempotency import Entry, Held
from gateway.sdk.records import RecordsUnavailable

TABLE = "gateway_idempotency"
MAKE = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} (record TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, revision TEXT NOT NULL,"
    " owner TEXT NOT NULL, begun_at DOUBLE PRECISION NOT NULL, lease_until DOUBLE PRECISION NOT NULL,"
    " kept_until DOUBLE PRECISION NOT NULL, state TEXT NOT NULL, answer TEXT)",
    f"CREATE INDEX IF NOT EXISTS {TABLE}_kept_until ON {TABLE} (kept_until)",
)
"""A later release that needs more adds columns, which this one leaves alone: both name theirs."""

COLUMNS = "record, fingerprint, revision, owner, begun_at, lease_until, kept_until, state, answer"
SEEN = "fingerprint, revision, state, owner, lease_until, answer"


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
    def exists(self) -> bool: ...
    def is_absent(self, error: Exception) -> bool: ...


class SqlRows:
    """Implements `gateway.sdk.idempotency.IdempotencyRows` on a connection."""

    def __init__(self, connection: Any, mark: str) -> None:
        self._connection = connection
        self._mark = mark

    def find(self, record: str, at: float) -> Held | None:
        """See `IdempotencyRows.find`."""
        return self._found(f"SELECT {SEEN} FROM {TABLE} WHERE record = ? AND kept_until > ?", record, at)  # noqa: S608 -- constants

    def add(self, entry: Entry) -> Held | None:
        """See `IdempotencyRows.add`. One that need not be kept any more makes way. Who adds the same waits for whoever was first."""
        renewed = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])
        made = self._changed(
            f"INSERT INTO {TABLE} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 -- constants
            f" ON CONFLICT (record) DO UPDATE SET {renewed} WHERE {TABLE}.kept_until <= excluded.begun_at",
            entry.record, entry.fingerprint, entry.revision, entry.owner, entry.at, entry.lease_until, entry.kept_until,
            entry.state, entry.answer,
        )  # fmt: skip
        if made:
            return None
        found = self._found(f"SELECT {SEEN} FROM {TABLE} WHERE record = ?", entry.record)  # noqa: S608 -- constants
        if found is None:
            raise RecordsUnavailable("an idempotency record was removed while it was looked at")
        return found

    def take_over(self, record: str, owner: str, heir: str, lease_until: float) -> bool:
        """See `IdempotencyRows.take_over`."""
        return self._changed(
            f"UPDATE {TABLE} SET owner = ?, lease_until = ?, state = 'started'"  # noqa: S608 -- constants
            " WHERE record = ? AND owner = ? AND state <> 'finished'",
            heir, lease_until, record, owner,
        )  # fmt: skip

    def finish(self, record: str, owner: str, answer: str | None) -> bool:
        """See `IdempotencyRows.finish`."""
        return self._changed(
            f"UPDATE {TABLE} SET state = 'finished', answer = ? WHERE record = ? AND owner = ?",  # noqa: S608 -- constants
            answer, record, owner,
        )  # fmt: skip

    def give_up(self, record: str, owner: str) -> bool:
        """See `IdempotencyRows.give_up`."""
        return self._changed(f"UPDATE {TABLE} SET state = 'unknown' WHERE record = ? AND owner = ? AND state <> 'finished'", record, owner)  # noqa: S608 -- constants

    def remove(self, record: str, owner: str) -> bool:
        """See `IdempotencyRows.remove`."""
        return self._changed(f"DELETE FROM {TABLE} WHERE record = ? AND owner = ? AND state <> 'finished'", record, owner)  # noqa: S608 -- constants

    def clean(self, at: float, most: int) -> int:
        """See `IdempotencyRows.clean`."""
        old = f"SELECT record FROM {TABLE} WHERE kept_until <= ? ORDER BY kept_until LIMIT {most:d}"  # noqa: S608 -- constants and a number
        return self._count(f"DELETE FROM {TABLE} WHERE record IN ({old})", at)  # noqa: S608 -- constants

    def _found(self, query: str, *values: Any) -> Held | None:
        row = self._execute(query, values).fetchone()
        if row is None:
            return None
        try:
            return msgspec.convert(dict(zip(SEEN.split(", "), row, strict=True)), Held)
        except msgspec.ValidationError:
            raise RecordsUnavailable("an idempotency record can't be read") from None

    def _changed(self, statement: str, *values: Any) -> bool:
        return self._count(statement, *values) == 1

    def _count(self, statement: str, *values: Any) -> int:
        count: int = self._execute(statement, values).rowcount
        return count

    def _execute(self, statement: str, values: tuple[Any, ...]) -> Any:
        return self._connection.execute(statement.replace("?", self._mark), values)


class SqlIdempotency:
    """Implements `gateway.sdk.idempotency.IdempotencyStore` on any `Driver`."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._connection: Any = None

    @contextmanager
    def rows(self, *, writing: bool) -> Iterator[SqlRows]:
        """See `IdempotencyStore.rows`. Whatever goes wrong costs the connection too: a later use begins with a sound one."""
        said = self._driver.statements
        done = False
        try:
            connection = self._connection = self._connection or self._connected()
            if writing:
                connection.execute(said.begin_write)
            yield SqlRows(connection, said.mark)
            if writing:
                connection.execute("COMMIT")
            done = True
        except self._driver.errors as error:
            raise RecordsUnavailable(self._driver.describe(error)) from error
        finally:
            if not done:
                self.close()

    def is_there(self) -> bool:
        """See `IdempotencyStore.is_there`."""
        if not self._driver.exists():
            return False
        try:
            with closing(self._driver.connect_to_read()) as connection:
                connection.execute(f"SELECT 1 FROM {TABLE} LIMIT 1").fetchone()  # noqa: S608 -- constants
        except self._driver.errors as error:
            if self._driver.is_absent(error):
                return False
            raise RecordsUnavailable(self._driver.describe(error)) from error
        return True

    def close(self) -> None:
        """See `IdempotencyStore.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*self._driver.errors):
                connection.close()

    def _connected(self) -> Any:
        """A connection to a database that has the table. Several processes may come to make it at once."""
        said = self._driver.statements
        connection = self._driver.connect()
        try:
            connection.execute(said.begin_write)
            if said.lock_layout is not None:
                connection.execute(said.lock_layout)
            for statement in MAKE:
                connection.execute(statement)
            connection.execute("COMMIT")
        except self._driver.errors:
            with suppress(*self._driver.errors):
                connection.close()
            raise
        return connection
