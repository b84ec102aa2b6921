"""The cases, in the order in which they are shown."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from tests.faults import dead_host, failing, flapping, hanging, hostile, hot_key, ladder, redis_down
from tests.faults.report import Outcome


class Case(Protocol):
    """Does something to a running gateway and tells what came of it; `full` takes its time."""

    async def __call__(self, *, full: bool) -> Outcome: ...


CASES: Mapping[str, Case] = MappingProxyType(
    {
        "dead_host": dead_host.run,
        "failing": failing.run,
        "hanging": hanging.run,
        "hot_key": hot_key.run,
        "flapping": flapping.run,
        "redis_down": redis_down.run,
        "ladder": ladder.run,
        "hostile": hostile.run,
    }
)


async def outcome_of(name: str, *, full: bool) -> Outcome:
    """Runs one, and says how long it took. Not in full, it is not held against limits that need a quiet machine."""
    began = time.monotonic()
    outcome = await CASES[name](full=full)
    outcome.seconds = time.monotonic() - began
    outcome.limits = [limit for limit in outcome.limits if full or not limit.alone]
    return outcome
