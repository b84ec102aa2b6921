"""What operators see and do, over all workers: whichever of them was asked, asks its colleagues."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import msgspec

from gateway.sdk.kept import Purge
from gateway.server.admin import states
from gateway.server.colleagues import METRICS, Colleagues, Nobody
from gateway.server.serving import Serving
from gateway.telemetry import sums
from gateway.telemetry.metrics import PrometheusMetrics

READINESS, PURGE = "readiness", "purge"

_encode = msgspec.json.Encoder().encode
_read_report = msgspec.json.Decoder(dict[str, Any]).decode
_read_purge = msgspec.json.Decoder(Purge).decode
_read_count = msgspec.json.Decoder(int).decode


class Together:
    """One for an application. It is alone until it has `colleagues`."""

    def __init__(self, serving: Callable[[], Serving], started: Callable[[], bool], metrics: PrometheusMetrics | None) -> None:
        self.colleagues: Colleagues = Nobody()
        self._serving = serving
        self._started = started
        self._metrics = metrics

    async def answer(self, topic: str, question: bytes) -> bytes | None:
        """What this worker says to a colleague; None to what it doesn't know, or where there is nothing."""
        if topic == METRICS and self._metrics is not None:
            return self._metrics.pack()
        if topic == READINESS:
            return _encode(await self._report())
        if topic == PURGE:
            return _encode(await self._purge(_read_purge(question)))
        return None

    async def metrics(self) -> tuple[bytes, str] | None:
        """All metrics as text, and its content type; None where they are switched off."""
        if self._metrics is None:
            return None
        own = self._metrics.pack()
        told = await self.colleagues.ask(METRICS, own)
        if not told.by_worker and not told.besides:
            return self._metrics.expose()
        by_worker = {worker: packed for worker, packed in told.by_worker.items() if packed is not None}
        return await asyncio.to_thread(sums.expose, {**by_worker, self.colleagues.number: own}, told.besides)

    async def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether any worker is ready, and what is known of all."""
        plan, own = self._serving().plan, await self._report()
        about = {"gateway": plan.name, "config": plan.digest}
        told = await self.colleagues.ask(READINESS, b"")
        if not told.by_worker:
            return self._started(), {**about, "sources": own["sources"]}
        workers = {worker: {"status": "no answer"} if said is None else _read_report(said) for worker, said in told.by_worker.items()}
        workers[self.colleagues.number] = own
        ready = any(said["status"] == "ready" for said in workers.values())
        return ready, {**about, "workers": [{"worker": number, **said} for number, said in sorted(workers.items())]}

    async def purge(self, purge: Purge) -> int:
        """Has kept answers forgotten; how many these were. A worker that can't tell is not counted."""
        purged = await self._purge(purge)
        told = await self.colleagues.ask(PURGE, _encode(purge))
        return purged + sum(_read_count(said) for said in told.by_worker.values() if said is not None)

    async def _purge(self, purge: Purge) -> int:
        answers = self._serving().plan.answers
        return 0 if answers is None else await answers.purge(purge)

    async def _report(self) -> dict[str, Any]:
        plan = self._serving().plan
        status = "ready" if self._started() else "not ready"
        return {"status": status, "pid": os.getpid(), "sources": await states(plan.sources, plan.standings)}
