"""Auditors, writers and records for tests of policy `audit`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from gateway.policies.audit_entry import Entry
from gateway.policies.audit_fields import BY_DEFAULT
from gateway.policies.audit_writer import AuditWriter
from gateway.policies.auditor import Auditor, AuditSettings
from gateway.stores.verification import verify
from gateway.testing.records import MemoryRecords, Shelf
from tests.policies.exchanges import NOON, FakeServices

SETTINGS = AuditSettings(frozenset({"track_order"}), everything=True, decisions="all", fields=BY_DEFAULT, required=True)


def writer_on(shelf: Shelf, services: FakeServices, **options: Any) -> AuditWriter:
    return AuditWriter(MemoryRecords(shelf), services.clock, services.metrics, services.logger, **options)


def settings(**members: Any) -> AuditSettings:
    given = {name: getattr(SETTINGS, name) for name in SETTINGS.__struct_fields__}
    return AuditSettings(**{**given, **members})


class Auditing:
    """An auditor whose writer runs, and what it has written."""

    def __init__(self, auditor: Auditor, writer: AuditWriter, shelf: Shelf, services: FakeServices) -> None:
        self.auditor = auditor
        self.writer = writer
        self.shelf = shelf
        self.services = services

    async def records(self) -> list[dict[str, Any]]:
        """All that was recorded: the writer is ended."""
        await self.writer.close()
        return records_of(self.shelf)

    async def fail(self, reason: str = "gone") -> None:
        """Has the store fail, and waits until the writer knows."""
        self.shelf.fault = reason
        self.writer.put(entry_of("probe"))
        await until(lambda: not self.writer.up)

    def counted(self, result: str) -> float:
        return self.services.metrics.total("gateway_audit_records_total", result=result)


@asynccontextmanager
async def auditing(**members: Any) -> AsyncIterator[Auditing]:
    shelf, services = Shelf(), FakeServices()
    writer = writer_on(shelf, services)
    await writer.start()
    try:
        yield Auditing(Auditor(settings(**members), writer, services.clock), writer, shelf, services)
    finally:
        shelf.fault = None
        await writer.close()


def entry_of(name: str) -> Entry:
    return Entry(NOON, {"event": name})


def records_of(shelf: Shelf) -> list[dict[str, Any]]:
    """The records, which are held against their chain."""
    assert verify(shelf.chain, shelf.links).findings == ()
    return [json.loads(body) for body in shelf.bodies]


def events_of(shelf: Shelf) -> list[str]:
    return [record["event"] for record in records_of(shelf)]


async def until(true: Callable[[], bool]) -> None:
    """Waits until something another thread does is done."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.002)
