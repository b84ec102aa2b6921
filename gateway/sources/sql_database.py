"""A database as sources use it: one statement at a time, ended by its deadline, never at the cost of a connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import TextClause, literal, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.sdk import BackendError, BadResponse, Clock, Timeout, Unavailable
from gateway.sources.sql_failures import error_code, failure_of
from gateway.sources.sql_values import json_safe

_PROBE_SECONDS = 2.0
_INTERRUPT_EVERY = 0.05
_INTERRUPTS = 40
_GRACE_SECONDS = 5.0


class Query(msgspec.Struct, frozen=True):
    """A statement with its values; `streams` where rows come bit by bit, `commits` where its effect is to stay."""

    clause: TextClause
    values: Mapping[str, Any]
    max_rows: int
    streams: bool
    commits: bool


class Running:
    """A query under way: `driver` is the driver's connection once there is one."""

    __slots__ = ("abandoned", "driver")

    def __init__(self) -> None:
        self.driver: Any = None
        self.abandoned = False


class Database:
    """A pool of `connections`. Without an engine (its URL was refused) every query is `Unavailable`."""

    def __init__(self, engine: AsyncEngine | None, connections: int, clock: Clock, logger: logging.Logger) -> None:
        self._engine = engine
        self._clock = clock
        self._logger = logger
        self._places = asyncio.Semaphore(connections)
        self._cleaning: set[asyncio.Task[None]] = set()
        self._refusals = _refusals(engine)

    async def run(self, query: Query, deadline: float) -> dict[str, Any]:
        """Gives `{rows, count}`. Raises `Timeout` at the deadline, `Unavailable`, `BackendError` or `BadResponse`.

        Late or cancelled, the query is interrupted in the database; that, and giving back its connection, goes on in the
        background.
        """
        if self._engine is None:
            raise Unavailable
        await self._take_place(deadline)
        running = Running()
        task = asyncio.create_task(self._perform(self._engine, query, running))
        task.add_done_callback(lambda _: self._places.release())
        try:
            done, _ = await asyncio.wait({task}, timeout=max(0.0, deadline - self._clock.monotonic()))
        except asyncio.CancelledError:
            self._abandon(task, running)
            raise
        if not done:
            self._abandon(task, running)
            raise Timeout
        return task.result()

    async def _take_place(self, deadline: float) -> None:
        """Waits for one of the pool's connections to be free: here, where giving up costs nothing."""
        remaining = deadline - self._clock.monotonic()
        if remaining <= 0:
            raise Timeout
        try:
            async with asyncio.timeout(remaining):
                await self._places.acquire()
        except TimeoutError as late:
            raise Timeout from late

    async def reachable(self) -> bool:
        """Whether a trivial query is answered within two seconds."""
        probe = Query(select(literal(1)), {}, 1, streams=False, commits=False)  # type: ignore[arg-type]
        try:
            await self.run(probe, self._clock.monotonic() + _PROBE_SECONDS)
        except (Timeout, Unavailable, BackendError):
            return False
        return True

    async def close(self) -> None:
        """Waits for what is being cleaned up, then closes every connection."""
        if self._cleaning:
            await asyncio.wait(self._cleaning)
        if self._engine is not None:
            await self._engine.dispose()

    async def _perform(self, engine: AsyncEngine, query: Query, running: Running) -> dict[str, Any]:
        connection = engine.connect()
        try:
            await connection.start()
        except (SQLAlchemyError, OSError) as fault:
            self._logger.warning("no connection to the database: %s", type(fault).__name__)
            failure = Unavailable()
            failure.unsent = True
            raise failure from fault
        try:
            running.driver = (await connection.get_raw_connection()).driver_connection
            if running.abandoned:
                raise Timeout
            answer = await _fetch(connection, query)
            if query.commits and not running.abandoned:
                await connection.commit()
        except DBAPIError as fault:
            if not running.abandoned:
                self._logger.warning("a query failed: %s %s", type(fault.orig).__name__, error_code(fault))
            raise failure_of(fault) from fault
        except SQLAlchemyError as fault:
            self._logger.warning("a query failed: %s", type(fault).__name__)
            raise BackendError("The database refused the query.") from fault
        finally:
            await connection.close()
        return answer

    def _abandon(self, task: asyncio.Task[Any], running: Running) -> None:
        running.abandoned = True
        cleaning = asyncio.create_task(_end(task, running, self._refusals))
        self._cleaning.add(cleaning)
        cleaning.add_done_callback(self._cleaning.discard)


async def _fetch(connection: AsyncConnection, query: Query) -> dict[str, Any]:
    if query.streams:
        async with connection.stream(query.clause, query.values) as streamed:
            names = list(streamed.keys())
            rows = await streamed.fetchmany(query.max_rows + 1)
    else:
        result = await connection.execute(query.clause, query.values)
        if not result.returns_rows:
            return {"rows": [], "count": max(0, result.rowcount)}
        names = list(result.keys())
        rows = result.fetchmany(query.max_rows + 1)
    if len(rows) > query.max_rows:
        raise BadResponse("A query gave more rows than `max_rows` allows.")
    if len(set(names)) != len(names):
        raise BadResponse("Two columns of a query have the same name.")
    return {"rows": [dict(zip(names, map(json_safe, row), strict=True)) for row in rows], "count": len(rows)}


async def _end(task: asyncio.Task[Any], running: Running, refusals: tuple[type[Exception], ...]) -> None:
    """Interrupts until the query has ended and its connection is back.

    A task that is still connecting after the first wait is cancelled; so is one whose driver can't be interrupted, which costs
    its connection.
    """
    for attempt in range(_INTERRUPTS):
        with contextlib.suppress(*refusals):
            if not await _interrupt(running.driver) and attempt == 1:
                task.cancel()
        if (await asyncio.wait({task}, timeout=_INTERRUPT_EVERY))[0]:
            break
    else:
        task.cancel()
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
    if task.done() and not task.cancelled():
        task.exception()


async def _interrupt(driver: Any) -> bool:
    """Whether the driver has a way to: psycopg's `cancel_safe`, aiosqlite's `interrupt`."""
    if hasattr(driver, "cancel_safe"):
        await driver.cancel_safe(timeout=_GRACE_SECONDS)
    elif hasattr(driver, "interrupt"):
        await driver.interrupt()
    else:
        return False
    return True


def _refusals(engine: AsyncEngine | None) -> tuple[type[Exception], ...]:
    """What interrupting may raise: the connection has just ended, the query too, or the server can't be reached."""
    driver = engine.dialect.loaded_dbapi.Error if engine is not None else None
    return (OSError, ValueError) if driver is None else (OSError, ValueError, driver)
