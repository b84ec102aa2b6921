"""How a process that serves ends: in time, and with nothing lost before."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.server import drain as module
from gateway.server.drain import Ending, drain


class FakeListener:
    """Busy until `free` says so; remembers what it was told."""

    def __init__(self, name: str, told: list[str], free: Callable[[], bool]) -> None:
        self._name = name
        self._told = told
        self._free = free

    @property
    def busy(self) -> bool:
        return not self._free()

    def __getattr__(self, word: str) -> Any:
        def tell(*, silent: bool | None = None) -> Any:
            text = f"{self._name} {word}" + ("" if silent is None else f" {silent}")
            if not self._told or self._told[-1] != text:
                self._told.append(text)
            return asyncio.sleep(0) if word == "end" else None

        return tell


async def drained(ending: Ending, seconds: float, *, free: Callable[[], bool] = lambda: True) -> tuple[list[str], float]:
    told: list[str] = []
    began = time.monotonic()
    await drain(FakeListener("public", told, free), FakeListener("admin", told, lambda: True), ending, seconds)  # type: ignore[arg-type]
    return told, time.monotonic() - began


async def test_the_order_of_it() -> None:
    told, seconds = await drained(Ending(), 20.0)
    assert told == [
        "public retire", "admin retire", "public refuse", "public close_idle False", "public end",
        "admin refuse", "admin close_idle False", "admin end",
    ]  # fmt: skip
    assert seconds < 0.05


@pytest.mark.parametrize(("announced", "least"), [(True, 0.05), (False, 0.0)])
async def test_load_balancers_get_a_moment_where_it_was_announced(announced: bool, least: float) -> None:
    ending = Ending()
    ending.ask(announced=announced)
    _, seconds = await drained(ending, 0.5)
    assert least <= seconds < least + 0.05


async def test_requests_in_flight_are_waited_for_no_longer_than_they_may_take() -> None:
    _, seconds = await drained(Ending(), 0.2, free=lambda: False)
    assert 0.19 < seconds < 0.3
    began = time.monotonic()
    _, seconds = await drained(Ending(), 5.0, free=lambda: time.monotonic() - began > 0.15)
    assert 0.14 < seconds < 0.25


async def test_a_second_wish_waits_for_nobody() -> None:
    ending = Ending()
    asyncio.get_running_loop().call_later(0.03, ending.hurry)
    ending.ask(announced=True)
    told, seconds = await drained(ending, 5.0, free=lambda: False)
    assert seconds < 0.1
    assert told[-1] == "admin end"


async def test_connections_that_say_nothing_are_waited_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENT", 0.05)
    told, _ = await drained(Ending(), 0.2, free=lambda: False)
    assert told.index("public close_idle False") < told.index("public close_idle True")


@pytest.mark.parametrize(
    ("numbers", "announced", "at_once"),
    [
        ([signal.SIGTERM], True, False),
        ([signal.SIGINT], False, False),
        ([signal.SIGTERM, signal.SIGTERM], True, False),
        ([signal.SIGINT, signal.SIGTERM], False, False),
        ([signal.SIGINT, signal.SIGINT], False, True),
        ([signal.SIGTERM, signal.SIGINT], True, True),
    ],
)
def test_what_signals_ask_for(numbers: list[signal.Signals], announced: bool, at_once: bool) -> None:
    ending = Ending()
    for number in numbers:
        ending.signalled(number)
    assert (ending.asked.is_set(), ending.announced, ending.at_once.is_set()) == (True, announced, at_once)
