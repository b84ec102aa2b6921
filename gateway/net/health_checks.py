"""Active checks: each server is asked now and then how it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from random import random

from gateway.net.member import Member
from gateway.sdk import BackendFailure, CheckSettings, Clock, HttpClient, HttpRequest

SPREAD = 0.1
"""By how much of the interval a wait is shorter or longer, so that servers and gateways don't ask in step."""

MOST = 64 * 1024
"""Bytes that an answer to a check may have."""

HEALTHY = range(200, 400)


class HealthChecks:
    """One task per server, from `start` to `close`. Each server is asked through a client of its own: a check never waits for a place
    behind calls, and makes a new connection, as the calls of a new caller would."""

    def __init__(
        self,
        clients: Sequence[HttpClient],
        settings: CheckSettings,
        clock: Clock,
        *,
        logger: logging.Logger,
        chance: Callable[[], float] = random,
    ) -> None:
        self._clients = clients
        self._settings = settings
        self._clock = clock
        self._logger = logger
        self._chance = chance
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, members: Sequence[Member]) -> None:
        """The first checks begin at once."""
        if not self._tasks:
            self._tasks = [
                asyncio.get_running_loop().create_task(self._watch(client, member))
                for client, member in zip(self._clients, members, strict=True)
            ]

    async def close(self) -> None:
        """Ends the checks and closes their clients."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in self._clients))

    async def _watch(self, client: HttpClient, member: Member) -> None:
        while True:
            member.checked(await self._is_healthy(client), self._settings.threshold)
            await asyncio.sleep(self._settings.interval * (1 + SPREAD * (2 * self._chance() - 1)))

    async def _is_healthy(self, client: HttpClient) -> bool:
        """The border of this task: whatever goes wrong with a check, the next one is made."""
        deadline = self._clock.monotonic() + self._settings.timeout
        request = HttpRequest("GET", self._settings.endpoint, deadline, (("accept", "*/*"),), idempotent=True, max_body=MOST)
        try:
            answer = await client.send(request)
        except BackendFailure:
            return False
        except Exception:
            self._logger.exception("a health check failed in a way of its own")
            return False
        return answer.status_code in HEALTHY
