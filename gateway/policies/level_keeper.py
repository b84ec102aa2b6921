"""Where the levels that operators set are kept, and how other processes learn of them.

Each is written to `stores.records`, so it survives a reload and a restart, and announced by `stores.state` where that is shared. Word may
get lost, and there may be no `stores.state`: so what is kept is read again every few seconds, and whenever listening begins anew. Where
neither can be used a level still holds in this process, until it ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from gateway.policies.level_settings import LevelSetting, packed, unpacked
from gateway.policies.level_watch import LevelWatch
from gateway.policies.levels import Levels
from gateway.sdk.records import RecordsUnavailable
from gateway.sdk.settings import SettingStore
from gateway.sdk.state import StateStore

PART = "levels"
TOPIC = "levels"
KEY = b"levels"
LASTS = 30 * 86_400.0
"""Seconds that `stores.state` keeps them; each change begins them anew."""


class LevelKeeper:
    """Of one plan. Without a `store` nothing outlasts the process."""

    def __init__(self, levels: Levels, store: SettingStore | None, state: StateStore | None) -> None:
        self.levels = levels
        self._store = store
        self._state = state
        self._logger = logging.getLogger("gateway.levels")
        self._watch = None if store is None else LevelWatch(store, PART, self._read_again)
        self._fetching: set[asyncio.Task[None]] = set()
        self._complained = False
        if state is not None:
            state.listen(TOPIC, self._heard, self._missed)

    async def start(self) -> None:
        """Takes over what is kept, and looks again now and then. Called before the first request."""
        if self._store is not None and self._store.exists():
            try:
                self._take(await asyncio.to_thread(self._store.read, PART))
            except RecordsUnavailable as error:
                self._logger.warning("levels that operators have set can't be read: %s", error)
        if self._watch is not None:
            self._watch.start()

    async def close(self) -> None:
        """Ends it."""
        if self._watch is not None:
            self._watch.stop()
        for task in self._fetching:
            task.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)

    async def put(self, setting: LevelSetting) -> bool:
        """Has a level hold from now on: here at once, elsewhere soon. Whether it is kept for those who come later."""
        self.levels.take([setting])
        durable = await self._write(setting)
        if self._state is not None:
            await self._fetch()
            everything = packed(self.levels.settings.all())
            await self._state.set(KEY, everything, LASTS)
            await self._state.announce(TOPIC, everything)
        return durable

    async def _write(self, setting: LevelSetting) -> bool:
        if self._store is None:
            return False
        try:
            await asyncio.to_thread(self._store.write, PART, _name(setting), packed([setting]).decode(), setting.at)
        except RecordsUnavailable as error:
            self._logger.warning("a level that an operator has set could not be kept: %s", error)
            return False
        return True

    async def _fetch(self) -> None:
        """What is shared."""
        shared = None if self._state is None else await self._state.get(KEY)
        if shared is not None:
            self._take([shared])

    def _heard(self, message: bytes) -> None:
        self._take([message])

    def _missed(self) -> None:
        """Listening begins: what was said before is looked up."""
        task = asyncio.get_running_loop().create_task(self._fetch())
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)

    def _read_again(self, found: Iterable[str]) -> None:
        self._take(found)
        self.levels.look()

    def _take(self, written: Iterable[bytes | str]) -> None:
        """What can't be read was not written by a gateway; that is told once."""
        for text in written:
            try:
                settings = unpacked(text)
            except ValueError:
                if not self._complained:
                    self._complained = True
                    self._logger.warning("a level that is kept can't be read, and doesn't hold")
            else:
                self.levels.take(settings)


def _name(setting: LevelSetting) -> str:
    """One for each target, whatever signs are in the names."""
    return packed([LevelSetting(level="full", at=0.0, tenant=setting.tenant, intent=setting.intent)]).decode()
