"""Backends and calls for tests of further tries, in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.sdk import Call, CallContext, Result, StepLimits
from gateway.sdk.source_config import Retry
from tests.policies.calls_under_way import value

Scripted = tuple[float, Any]
"""After so many seconds, what happens: an error is raised, all else is answered."""


class Backend:
    """Does what its script says, call by call; the last line is repeated. Times are those of the loop, from the first call on."""

    def __init__(self, *script: Scripted) -> None:
        self._script = script
        self.calls: list[Call] = []
        self.began: list[float] = []
        self.under_way = 0
        self.cancelled: list[int] = []

    async def __call__(self, call: Call) -> Result:
        number = len(self.calls)
        self.calls.append(call)
        self.began.append(asyncio.get_running_loop().time())
        seconds, outcome = self._script[min(number, len(self._script) - 1)]
        self.under_way += 1
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        finally:
            self.under_way -= 1
        if isinstance(outcome, Exception):
            raise outcome
        return value(outcome)

    @property
    def waits(self) -> list[float]:
        """Seconds from the beginning of one call to that of the next."""
        return [round(later - sooner, 6) for sooner, later in zip(self.began, self.began[1:], strict=False)]


def call_with(
    seconds: float = 60.0, *, timeout: float = 5.0, retry: Retry | None = None, key: str | None = None, tenant: str = "t1"
) -> Call:
    """A call of the running loop's time, with `seconds` left in all and `timeout` for one try."""
    context = CallContext({"user": {"id": "u1"}}, (tenant, "test", "", "u1"), {})
    deadline = asyncio.get_running_loop().time() + seconds
    return Call("erp.order", {}, context, deadline, key, timeout=timeout, limits=StepLimits(retry=retry))
