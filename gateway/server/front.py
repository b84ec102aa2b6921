"""The front of the server: every request passes it before anything is done for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from gateway.policies.admit import shed_counter
from gateway.sdk import Metrics
from gateway.sdk.priority import PRIORITIES
from gateway.server.admission import Admission, Rank
from gateway.server.serving import Serving
from gateway.server.shedding import SheddingRecord
from gateway.server.visit import HttpVisit


class Front:
    """Joins the admission to the plan in force, to metrics and to the log. One for a process, whatever is loaded meanwhile."""

    def __init__(self, serving: Callable[[], Serving], metrics: Metrics) -> None:
        self._serving = serving
        queue = serving().plan.server.queue
        self._counters = {
            (rank, reason): shed_counter(metrics, rank, reason)
            for rank in range(len(PRIORITIES))
            for reason in ("waited", "queue_full", "memory")
        }
        self._record = SheddingRecord()
        self.admission: Admission[HttpVisit] = Admission(
            wait=queue.wait,
            most=queue.most,
            judge=self._judge,
            room_for=lambda: serving().plan.pressure.room_for,
            shed=self._shed,
            clock=monotonic,
        )
        admission = self.admission
        metrics.gauge("gateway_queue_depth", "Requests that wait to begin.", lambda: admission.depth)
        metrics.gauge("gateway_requests_under_way", "Requests that have begun and are not over.", lambda: admission.under_way)
        metrics.gauge("gateway_concurrency_limit", "How many requests may be under way.", lambda: admission.limit.most)

    def answer(self, visit: HttpVisit) -> bytes:
        """What a request is told that is refused."""
        serving, scope = self._serving(), visit.scope
        more = serving.cors_headers(scope)
        return serving.overloaded.written(keep_alive=visit.keep_alive, bodiless=scope["method"] == "HEAD", more=more)

    def _judge(self, visit: HttpVisit) -> Rank | None:
        return self._serving().judge(visit.scope, visit.body)

    def _shed(self, rank: int, reason: str, now: float) -> None:
        self._serving().plan.pressure.gave_up(rank, now)
        self._counters[rank, reason].inc()
        self._record.note(rank, reason, asyncio.get_running_loop())
