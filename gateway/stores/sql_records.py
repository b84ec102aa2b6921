"""The chain of records in a relational database; what differs between databases is their `Driver`.

Two tables: the records (number, digest, text), and one row that tells where the chain starts and ends. Who appends locks that row, so
any number of processes share one chain. A third table holds the version of the layout of each part of the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import msgspec

from gateway.sdk.idempotency import IdempotencyStore
from gateway.sdk.records import GENESIS, Chain, Link, Mark, RecordsDamaged, RecordsUnavailable, link_digest
from gateway.stores.sql_idempotency import SqlIdempotency
from gateway.stores.sql_settings import SqlSettings

PART = "audit"
"""What the layout's version belongs to; other parts of the gateway may keep theirs in the same database."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE gateway_audit_records (sequence {number} PRIMARY KEY, digest TEXT NOT NULL, body TEXT NOT NULL)",
        "CREATE TABLE gateway_audit_chain (id {number} PRIMARY KEY, start_sequence {number} NOT NULL, start_digest TEXT NOT NULL,"
        " head_sequence {number} NOT NULL, head_digest TEXT NOT NULL)",
        f"INSERT INTO gateway_audit_chain VALUES (1, 0, '{GENESIS}', 0, '{GENESIS}')",  # noqa: S608 -- a constant
    ),
)
"""The statements that lead from each version of the layout to the next; what has been released is never changed. `{number}` is the
database's type of whole numbers of 64 bits."""

PAGE = 1000
"""Records that are read at once."""

LOWEST = -(1 << 63)


class Statements(msgspec.Struct, frozen=True):
    """What is said otherwise in each database. `mark` stands for a value; `lock` ends the query that locks the chain's row."""

    number: str
    mark: str
    begin_write: str
    begin_read: str
    lock: str
    lock_layout: str | None = None


class Driver(Protocol):
    """How to get a connection of the DB-API kind, in autocommit mode, and what its errors are."""

    @property
    def statements(self) -> Statements: ...
    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """All that the connection raises."""

    def connect(self) -> Any:
        """A connection that writes durably; makes the database's file where there is one."""

    def connect_to_read(self) -> Any:
        """A connection that changes nothing."""

    def is_damage(self, error: Exception) -> bool:
        """Whether `error` tells of what is stored, rather than of the way to it."""

    def exists(self) -> bool:
        """False where it is plain, without a connection, that there is no database yet."""

    def is_absent(self, error: Exception) -> bool:
        """Whether `error` tells that nothing was ever written: there is no such table."""

    def describe(self, error: Exception) -> str:
        """What is wrong, for the operator, without host, path or account."""


class SqlRecords:
    """Implements `gateway.sdk.RecordStore` on any `Driver`."""

    def __init__(self, driver: Driver, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
        self._driver = driver
        self._migrations = migrations
        self._connection: Any = None
        said = driver.statements
        self._of_layout = f"SELECT version FROM gateway_layout WHERE part = '{PART}'"  # noqa: S608 -- constants
        self._of_chain = "SELECT start_sequence, start_digest, head_sequence, head_digest FROM gateway_audit_chain WHERE id = 1"
        self._insert = f"INSERT INTO gateway_audit_records VALUES ({said.mark}, {said.mark}, {said.mark})"  # noqa: S608 -- constants
        self._set_head = f"UPDATE gateway_audit_chain SET head_sequence = {said.mark}, head_digest = {said.mark} WHERE id = 1"  # noqa: S608 -- constants
        self._set_start = self._set_head.replace("head_", "start_")
        self._find = f"SELECT 1 FROM gateway_audit_records WHERE sequence > {said.mark} AND body = {said.mark}"  # noqa: S608 -- constants
        self._at = f"SELECT digest FROM gateway_audit_records WHERE sequence = {said.mark}"  # noqa: S608 -- constants
        self._delete = f"DELETE FROM gateway_audit_records WHERE sequence <= {said.mark}"  # noqa: S608 -- constants
        self._page = (
            f"SELECT sequence, digest, body FROM gateway_audit_records WHERE sequence >= {said.mark} ORDER BY sequence LIMIT {PAGE}"  # noqa: S608 -- constants
        )

    def open(self) -> Chain:
        """See `RecordStore.open`."""
        with self._writing() as connection:
            return self._locked(connection)

    def append(self, bodies: Sequence[str], *, unless_after: int | None = None) -> Chain:
        """See `RecordStore.append`."""
        with self._writing() as connection:
            chain = self._locked(connection)
            if unless_after is not None and connection.execute(self._find, (unless_after, bodies[0])).fetchone() is not None:
                return chain
            return self._chained(connection, chain, bodies)

    def remove(self, through: Mark, body: str) -> bool:
        """See `RecordStore.remove`."""
        with self._writing() as connection:
            chain = self._locked(connection)
            if connection.execute(self._at, (through.sequence,)).fetchone() != (through.digest,):
                return False
            connection.execute(self._delete, (through.sequence,))
            connection.execute(self._set_start, (through.sequence, through.digest))
            self._chained(connection, Chain(through, chain.head), [body])
            return True

    @contextmanager
    def snapshot(self) -> Iterator[tuple[Chain, Iterator[Link]]]:
        """See `RecordStore.snapshot`."""
        driver = self._driver
        try:
            connection = driver.connect_to_read()
        except driver.errors as error:
            raise self._read_fault(error) from error
        try:
            connection.execute(driver.statements.begin_read)
            self._check_layout(connection)
            yield self._chain(connection.execute(self._of_chain).fetchone()), self._links(connection)
        except driver.errors as error:
            raise self._read_fault(error) from error
        finally:
            with suppress(*driver.errors):
                connection.close()

    def settings(self) -> SqlSettings:
        """See `KeepsSettings.settings`: in the same database, by connections of their own."""
        return SqlSettings(self._driver)

    def idempotency(self) -> IdempotencyStore:
        """See `KeepsIdempotency.idempotency`: in the same database, by connections of their own."""
        return SqlIdempotency(self._driver)

    def close(self) -> None:
        """See `RecordStore.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*self._driver.errors):
                connection.close()

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """One transaction. Whatever goes wrong in it costs the connection too: a later call begins with a sound one."""
        done = False
        try:
            if self._connection is None:
                self._connection = self._driver.connect()
                self._migrate(self._connection)
            self._connection.execute(self._driver.statements.begin_write)
            yield self._connection
            self._connection.execute("COMMIT")
            done = True
        except self._driver.errors as error:
            raise RecordsUnavailable(self._driver.describe(error)) from error
        finally:
            if not done:
                self.close()

    def _migrate(self, connection: Any) -> None:
        """Brings the layout up to date, one process at a time."""
        said = self._driver.statements
        connection.execute(said.begin_write)
        if said.lock_layout is not None:
            connection.execute(said.lock_layout)
        connection.execute(f"CREATE TABLE IF NOT EXISTS gateway_layout (part TEXT PRIMARY KEY, version {said.number} NOT NULL)")
        row = connection.execute(self._of_layout).fetchone()
        version = 0 if row is None else row[0]
        if version > len(self._migrations):
            raise RecordsUnavailable(f"the records were written by a later release: their layout is version {version}")
        if version < len(self._migrations):
            for statements in self._migrations[version:]:
                for statement in statements:
                    connection.execute(statement.format(number=said.number))
            connection.execute(f"DELETE FROM gateway_layout WHERE part = '{PART}'")  # noqa: S608 -- constants
            connection.execute(f"INSERT INTO gateway_layout VALUES ('{PART}', {len(self._migrations)})")  # noqa: S608 -- constants
        connection.execute("COMMIT")

    def _locked(self, connection: Any) -> Chain:
        try:
            return self._chain(connection.execute(self._of_chain + self._driver.statements.lock).fetchone())
        except RecordsDamaged as damage:
            raise RecordsUnavailable(str(damage)) from damage

    def _chained(self, connection: Any, chain: Chain, bodies: Sequence[str]) -> Chain:
        sequence, digest = chain.head.sequence, chain.head.digest
        rows = []
        for body in bodies:
            sequence += 1
            digest = link_digest(digest, sequence, body)
            rows.append((sequence, digest, body))
        connection.cursor().executemany(self._insert, rows)
        connection.execute(self._set_head, (sequence, digest))
        return Chain(chain.start, Mark(sequence, digest))

    def _check_layout(self, connection: Any) -> None:
        row = connection.execute(self._of_layout).fetchone()
        if row is None:
            raise RecordsDamaged("there are no audit records in it")
        if row[0] != len(self._migrations):
            raise RecordsUnavailable(f"the records' layout is version {row[0]}, and this release reads {len(self._migrations)}")

    def _chain(self, row: Any) -> Chain:
        if row is None or not all(isinstance(value, kind) for value, kind in zip(row, (int, str, int, str), strict=True)):
            raise RecordsDamaged("what says where the chain starts and ends is missing, or can't be read")
        return Chain(Mark(row[0], row[1]), Mark(row[2], row[3]))

    def _links(self, connection: Any) -> Iterator[Link]:
        rows = connection.execute(self._page, (LOWEST,)).fetchall()
        while rows:
            yield from (Link(*row) for row in rows)
            rows = connection.execute(self._page, (rows[-1][0] + 1,)).fetchall() if len(rows) == PAGE else []

    def _read_fault(self, error: Exception) -> Exception:
        kind = RecordsDamaged if self._driver.is_damage(error) else RecordsUnavailable
        return kind(self._driver.describe(error))
