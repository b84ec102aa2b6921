"""An event loop whose time passes at once: what sleeps an hour wakes in the same moment, and always in the same order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

BEGINNING = 1000.0
EPOCH = datetime(2026, 11, 20, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):
    """Where nothing is ready, time goes on to the next timer."""

    now = BEGINNING

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everything waits for something that never happens")
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Keeps its own time."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


class LoopClock:
    """The clock of the running loop."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.monotonic() - BEGINNING)


def timeless(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` in time of its own. Fails where it leaves a task behind that is not over a few turns later."""

    async def supervised() -> T:
        try:
            return await work
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"still under way: {left}"

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(supervised())
