"""Levels that operators set outlast the process and reach all others, whatever of that is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.policies import level_keeper
from gateway.policies.level_conditions import LevelConditions
from gateway.policies.level_keeper import KEY, LevelKeeper
from gateway.policies.level_settings import LevelSetting, packed
from gateway.policies.levels import Levels
from gateway.sdk import SystemClock
from gateway.sdk.records import RecordsUnavailable
from gateway.sdk.settings import SettingStore
from gateway.sdk.standings import Standings
from gateway.stores.sql_settings import SqlSettings
from gateway.stores.sqlite import SqliteDriver
from gateway.testing.services import FakeMetrics


class State:
    """What processes of one test share; each has an end of its own."""

    def __init__(self, others: list[State], values: dict[bytes, bytes]) -> None:
        self.values = values
        self.others = others
        self.hooks: list[Callable[[bytes], None]] = []
        self.missed: list[Callable[[], None]] = []
        self.deaf = False
        others.append(self)

    async def get(self, key: bytes, /) -> bytes | None:
        return self.values.get(key)

    async def set(self, key: bytes, value: bytes, ttl: float, /) -> None:
        self.values[key] = value

    async def announce(self, topic: str, message: bytes, /) -> None:
        for other in self.others:
            if other is not self and not other.deaf:
                for hook in other.hooks:
                    hook(message)

    def listen(self, topic: str, hook: Callable[[bytes], None], /, missed: Callable[[], None] | None = None) -> None:
        self.hooks.append(hook)
        if missed is not None:
            self.missed.append(missed)


class Away:
    """A store that can't be reached."""

    def exists(self) -> bool:
        return True

    def read(self, part: str) -> list[str]:
        raise RecordsUnavailable("it is away")

    def write(self, part: str, name: str, text: str, at: float) -> None:
        raise RecordsUnavailable("it is away")


def keeper(store: SettingStore | None = None, state: Any = None) -> LevelKeeper:
    levels = Levels(
        LevelConditions([]), tenants=frozenset({"default"}), intents=frozenset({"track"}), clock=SystemClock(), metrics=FakeMetrics(),
        standings=Standings(),
    )  # fmt: skip
    return LevelKeeper(levels, store, state)


def kept_in(folder: Path) -> SqlSettings:
    return SqlSettings(SqliteDriver(folder / "records.db"))


def setting(level: Any, at: float | None = None, **more: Any) -> LevelSetting:
    return LevelSetting(level=level, at=time.time() if at is None else at, **more)


def known(of: LevelKeeper) -> list[tuple[str, str]]:
    return [(str(each.target), each.level) for each in of.levels.settings.holding(time.time())]


async def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    first = keeper(kept_in(tmp_path))
    await first.start()
    assert await first.put(setting("static", reason="ü"))
    assert await first.put(setting("maintenance", intent="track"))
    assert await first.put(setting("full", intent="track"))
    await first.close()
    again = keeper(kept_in(tmp_path))
    await again.start()
    assert known(again) == known(first) == [("gateway", "static")]
    await again.close()


async def test_nothing_is_made_where_nothing_is_set(tmp_path: Path) -> None:
    made = keeper(kept_in(tmp_path))
    await made.start()
    await made.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("store", [None, Away()])
async def test_where_it_cannot_be_kept_it_holds_all_the_same(store: SettingStore | None, caplog: pytest.LogCaptureFixture) -> None:
    made = keeper(store)
    await made.start()
    assert await made.put(setting("static")) is False
    assert known(made) == [("gateway", "static")]
    await made.close()
    assert len([each for each in caplog.records if "away" in each.getMessage()]) == (0 if store is None else 2)


async def test_other_processes_hear_of_it_at_once() -> None:
    others: list[State] = []
    values: dict[bytes, bytes] = {}
    one, other = (keeper(None, State(others, values)) for _ in range(2))
    await one.put(setting("static"))
    assert known(other) == [("gateway", "static")]
    await other.put(setting("full"))
    assert known(one) == []


async def test_who_has_missed_it_learns_of_it_when_listening_begins() -> None:
    others: list[State] = []
    values: dict[bytes, bytes] = {}
    one, two = State(others, values), State(others, values)
    first, second = keeper(None, one), keeper(None, two)
    two.deaf = True
    await first.put(setting("static"))
    await second.put(setting("reduced", intent="track"))
    assert known(second) == [("gateway", "static"), ("intent track", "reduced")], "what is shared is looked at before it is added to"
    third = State(others, values)
    late = keeper(None, third)
    third.missed[0]()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert known(late) == known(second)
    await late.close()


async def test_a_process_that_shares_the_records_alone_reads_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level_keeper, "LevelWatch", _often(level_keeper.LevelWatch))
    one, other = (keeper(kept_in(tmp_path)) for _ in range(2))
    await other.start()
    await one.put(setting("static"))
    async with asyncio.timeout(5):
        while not known(other):
            await asyncio.sleep(0.005)
    assert known(other) == [("gateway", "static")]
    await other.close()


@pytest.mark.parametrize("written", [b"{", b'[{"level":"off","at":1}]', packed([]), b"[]" * 3])
async def test_what_is_none_of_ours_changes_nothing(written: bytes, caplog: pytest.LogCaptureFixture) -> None:
    state = State([], {KEY: written})
    made = keeper(None, state)
    await made.put(setting("static"))
    state.hooks[0](written)
    assert known(made) == [("gateway", "static")]
    assert ("can't be read" in caplog.text) == (written != b"[]")


async def test_a_row_that_somebody_changed_doesnt_hold(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = kept_in(tmp_path)
    store.write(level_keeper.PART, "a", '[{"level":"maintenance"}]', 1.0)
    store.write(level_keeper.PART, "b", packed([setting("reduced")]).decode(), 1.0)
    with caplog.at_level(logging.WARNING):
        made = keeper(store)
        await made.start()
    assert known(made) == [("gateway", "reduced")]
    assert "can't be read" in caplog.text
    await made.close()


def _often(watch: Any) -> Any:
    return lambda store, part, found: watch(store, part, found, interval=0.01)
