"""Looks for changed secret files while the gateway serves, and takes them over without a restart."""

from __future__ import annotations

import asyncio
import logging

from gateway.config.live_secrets import LiveSecrets
from gateway.sdk.component import Metrics

INTERVAL = 5.0
"""Seconds between two looks."""


class SecretWatch:
    """Looks every few seconds, in a thread: a slow disk holds nobody up. Log and metrics tell names, never values.

    What can't be used (gone, empty, not UTF-8, too large) leaves the last value in use and is told once.
    """

    def __init__(self, secrets: LiveSecrets, *, metrics: Metrics, interval: float = INTERVAL) -> None:
        self._secrets = secrets
        self._metrics = metrics
        self._logger = logging.getLogger("gateway.secrets")
        self._interval = interval
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to look, where there is anything to look at. Called before the first request."""
        if self._secrets.watched:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Ends it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def look(self) -> None:
        """Looks once."""
        changes = await asyncio.to_thread(self._secrets.changes)
        taken = self._secrets.take(changes)
        for name in taken.changed:
            self._count(name, "changed")
            self._logger.info("secret `%s` has a new value", name)
        for name in taken.waiting:
            self._count(name, "waiting")
            self._logger.warning("secret `%s` also stands where values are read at start only: restart to use its new value there", name)
        for name, fault in taken.kept:
            self._count(name, "kept")
            self._logger.error("secret `%s`: %s; the last value is kept", name, fault)

    async def _run(self) -> None:
        """The background border of the watch: whatever one look meets, the next one comes."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.look()
            except Exception:
                self._logger.exception("secrets could not be looked at; the last values are kept")

    def _count(self, name: str, result: str) -> None:
        self._metrics.counter(
            "gateway_secret_reloads_total", "Secrets whose file has changed: changed, kept (the last value), waiting (for a restart).",
            secret=name, result=result,
        ).inc()  # fmt: skip
