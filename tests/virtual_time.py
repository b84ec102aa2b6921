"""An event loop in which waiting takes no time: where nothing is left to do, it is at once the moment of the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

Given = TypeVar("Given")

BEGINNING = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):
    """Never waits: it has the loop's time go on instead."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing will ever happen any more")
            self._advance(timeout)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._now = 1000.0
        super().__init__(_Selector(self._advance))

    def time(self) -> float:
        return self._now

    def _advance(self, seconds: float) -> None:
        self._now += max(0.0, seconds)


class VirtualClock:
    """`Clock` by the running loop's time."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.monotonic())


def in_virtual_time(work: Coroutine[Any, Any, Given]) -> Given:
    """Runs `work` to its end."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
