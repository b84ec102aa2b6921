from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from gateway.sdk import SystemClock


async def test_it_is_the_event_loops_scale_and_the_worlds_time() -> None:
    clock = SystemClock()
    assert abs(clock.monotonic() - asyncio.get_running_loop().time()) < 1
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    assert clock.now().tzinfo is UTC
