"""A process of its own that writes audit records until it is killed: `python -m tests.scenarios.audit_load FILE NAME`.

It prints the number of each record that it was told is durable.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
from pathlib import Path

from gateway.policies.audit_entry import Entry
from gateway.policies.audit_writer import AuditWriter
from gateway.sdk import SystemClock
from gateway.stores.sql_records import SqlRecords
from gateway.stores.sqlite import SqliteDriver
from gateway.telemetry.metrics import NoMetrics


async def main(file: Path, name: str) -> None:
    clock = SystemClock()
    writer = AuditWriter(SqlRecords(SqliteDriver(file)), clock, NoMetrics(), logging.getLogger("gateway.audit"))
    await writer.start()
    numbers = itertools.count()

    async def work() -> None:
        for number in numbers:
            writer.put(Entry(clock.now(), {"event": "read", "writer": name, "number": -1}))
            if writer.reserve(1) and await writer.put_durably(Entry(clock.now(), {"event": "write", "writer": name, "number": number})):
                print(number, flush=True)

    await asyncio.gather(*(work() for _ in range(20)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
