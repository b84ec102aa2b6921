"""What a database's error means."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from gateway.sdk import BackendError, BackendFailure, Timeout, Unavailable
from gateway.sources.sql_failures import error_code, failure_of


class DriverError(Exception):
    def __init__(self, **codes: Any) -> None:
        super().__init__("INSERT INTO secrets failed: Key (email)=(x@example.com)")
        self.__dict__.update(codes)


def error(*, invalidated: bool = False, **codes: Any) -> DBAPIError:
    return DBAPIError("SELECT secret", {"p": "secret"}, DriverError(**codes), connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (error(sqlstate="57014"), Timeout),
        (error(sqlstate="08006"), Unavailable),
        (error(sqlstate="53300"), Unavailable),
        (error(sqlstate="57P01"), Unavailable),
        (error(invalidated=True), Unavailable),
        (error(sqlite_errorname="SQLITE_BUSY_SNAPSHOT"), Unavailable),
        (error(sqlite_errorname="SQLITE_CANTOPEN"), Unavailable),
        (error(sqlite_errorname="SQLITE_CONSTRAINT_UNIQUE"), BackendError),
        (error(sqlstate="23505"), BackendError),
        (error(sqlstate=None), BackendError),
        (error(), BackendError),
    ],
)
def test_failures(fault: DBAPIError, expected: type[BackendFailure]) -> None:
    failure = failure_of(fault)
    assert type(failure) is expected
    assert "secret" not in failure.message
    assert "@" not in failure.message


def test_codes() -> None:
    assert error_code(error(sqlstate="23505")) == "23505"
    assert error_code(error(sqlstate=5)) == ""
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("SELECT nothing")
    assert error_code(DBAPIError("", {}, caught.value)) == "SQLITE_ERROR"
