"""Reads again and again what operators have set: other processes may have written to the same store."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable

from gateway.sdk.records import RecordsUnavailable
from gateway.sdk.settings import SettingStore

INTERVAL = 5.0
"""Seconds between two looks."""

PATIENCE = 0.2
"""Seconds that an end waits for a look under way."""


class LevelWatch:
    """Looks in a thread of its own, since stores block, and tells the event loop. While the store is away what is known holds."""

    def __init__(self, store: SettingStore, part: str, found: Callable[[list[str]], None], *, interval: float = INTERVAL) -> None:
        self._store = store
        self._part = part
        self._found = found
        self._interval = interval
        self._logger = logging.getLogger("gateway.levels")
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Called on the event loop that is to be told."""
        loop = asyncio.get_running_loop()
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, args=(loop,), name="gateway-levels", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it; may be called where it never began."""
        self._stopped.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(PATIENCE)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        """The background border of the watch: whatever one look meets, the next one comes."""
        away = False
        while not self._stopped.wait(self._interval):
            try:
                found = self._store.read(self._part)
            except RecordsUnavailable as error:
                if not away:
                    self._logger.warning("levels that operators set elsewhere can't be read at the moment: %s", error)
                away = True
                continue
            except Exception:
                self._logger.exception("levels that operators set elsewhere could not be looked at")
                continue
            away = False
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._found, found)
