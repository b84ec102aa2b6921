"""A client that hangs up ends its work; one that waits does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.server import presence
from gateway.server.presence import Presence


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "GRACE", 0.0)


def after(event: asyncio.Event, *before: dict[str, Any]) -> Any:
    waiting = list(before)

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        await event.wait()
        return {"type": "http.disconnect"}

    return receive


async def test_hanging_up_cancels_the_work() -> None:
    hang_up = asyncio.Event()
    began = asyncio.Event()
    watching: list[Presence] = []

    async def request() -> None:
        watching.append(Presence(after(hang_up, {"type": "http.request", "body": b"the rest of an unread body"})))
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            watching[0].end()

    task = asyncio.create_task(request())
    await began.wait()
    hang_up.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert watching[0].gone


async def test_after_the_end_nobody_is_cancelled() -> None:
    hang_up = asyncio.Event()
    watching = Presence(after(hang_up))
    await asyncio.sleep(0.001)
    watching.end()
    hang_up.set()
    await asyncio.sleep(0.001)
    assert not watching.gone


async def test_quick_work_is_never_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "GRACE", 10.0)
    watching = Presence(after(asyncio.Event()))
    watching.end()
    assert not watching.gone
