"""What a database's error means to the caller. Texts of databases hold SQL and data: they are dropped here."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from gateway.sdk import BackendError, BackendFailure, Timeout, Unavailable

_UNREACHABLE_CLASSES = ("08", "53", "57P")
"""SQLSTATE: connection exception, insufficient resources, operator intervention (PostgreSQL, appendix A)."""
_QUERY_CANCELED = "57014"
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_NOTADB", "SQLITE_CORRUPT")


def error_code(error: DBAPIError) -> str:
    """The database's own short code (SQLSTATE or SQLite's name), empty where it gives none."""
    original = error.orig
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    return code if isinstance(code, str) else ""


def failure_of(error: DBAPIError) -> BackendFailure:
    """The failure that a caller sees."""
    code = error_code(error)
    if code == _QUERY_CANCELED:
        return Timeout()
    if error.connection_invalidated or code.startswith(_UNREACHABLE_CLASSES) or code.startswith(_BUSY):
        return Unavailable()
    return BackendError("The database refused the query.")
