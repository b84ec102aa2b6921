"""Connections to PostgreSQL for records. Only imported where a configuration names such a database: psycopg is an extra."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from gateway.sdk.secret import SecretText
from gateway.stores.sql_records import Statements

PREFIX = "postgresql://"
CONNECT_SECONDS = 5
SILENCE_MS = 10_000
"""How long the server may leave what was sent without an acknowledgement (Linux)."""

_SETTINGS = "SET synchronous_commit = on; SET lock_timeout = '5s'; SET statement_timeout = '20s'"
_LAYOUT_LOCK = 0x6761746577617900
"""A number of our own for the advisory lock under which tables are made."""

_NO_TABLE = "42P01"
_DAMAGE = frozenset({_NO_TABLE, "42703", "XX001", "XX002"})
"""A missing table or column, corrupted data or index (PostgreSQL, appendix A)."""


def understands(url: str) -> bool:
    """Whether libpq can read this URL; nothing is connected."""
    if not url.startswith(PREFIX):
        return False
    try:
        conninfo_to_dict(url)
    except psycopg.Error:
        return False
    return True


class PostgresDriver:
    """Connections to one database; the row lock of the chain is what processes and machines wait for each other at."""

    statements = Statements(
        number="BIGINT",
        mark="%s",
        begin_write="BEGIN",
        begin_read="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        lock=" FOR UPDATE",
        lock_layout=f"SELECT pg_advisory_xact_lock({_LAYOUT_LOCK})",
    )
    errors = (psycopg.Error, OSError)

    def __init__(self, url: SecretText) -> None:
        """The URL is read at each connection: a password in it may change."""
        self._url = url

    def connect(self) -> Any:
        """See `Driver.connect`."""
        connection = psycopg.connect(self._url.text, autocommit=True, connect_timeout=CONNECT_SECONDS, tcp_user_timeout=SILENCE_MS)
        try:
            connection.execute(_SETTINGS)
        except psycopg.Error:
            connection.close()
            raise
        return connection

    def connect_to_read(self) -> Any:
        """See `Driver.connect_to_read`."""
        return self.connect()

    def is_damage(self, error: Exception) -> bool:
        """See `Driver.is_damage`."""
        return getattr(error, "sqlstate", None) in _DAMAGE

    def exists(self) -> bool:
        """See `Driver.exists`."""
        return True

    def is_absent(self, error: Exception) -> bool:
        """See `Driver.is_absent`."""
        return getattr(error, "sqlstate", None) == _NO_TABLE

    def describe(self, error: Exception) -> str:
        """See `Driver.describe`."""
        return f"{type(error).__name__} {getattr(error, 'sqlstate', None) or ''}".strip()
