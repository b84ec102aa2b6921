"""The front of the server: every request passes it before anything is done for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from gateway.policies.admit import shed_counter
from gateway.sdk import Metrics
from gateway.sdk.priority import PRIORITIES
from gateway.server.admission import Admission, Rank
from gateway.server.memory import share_of
from gateway.server.memory_ladder import MemoryLadder
from gateway.server.serving import Serving
from gateway.server.shedding import SheddingRecord
from gateway.server.visit import HttpVisit

FEW = 4
"""Connections that are accepted at once while requests wait."""

FORGOTTEN = 2000
"""Kept answers that are forgotten at a time."""


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
        self._memory: MemoryLadder | None = None
        self.admission: Admission[HttpVisit] = Admission(
            wait=queue.wait,
            most=queue.most,
            judge=self._judge,
            room_for=lambda: serving().plan.pressure.room_for,
            shed=self._shed,
            clock=monotonic,
        )
        admission = self.admission
        metrics.gauge("gateway_loop_lag_seconds", "How long what was ready last waited for its turn.", lambda: admission.lag)
        metrics.gauge("gateway_queue_depth", "Requests that wait to begin.", lambda: admission.depth)
        metrics.gauge("gateway_requests_under_way", "Requests that have begun and are not over.", lambda: admission.under_way)
        metrics.gauge("gateway_concurrency_limit", "How many requests may be under way.", lambda: admission.limit.most)

    def start(self) -> None:
        """Looks after memory, in the running event loop, where it is known how much there may be."""
        share = share_of(self._serving().plan.server.memory)
        if share is not None:
            self._memory = MemoryLadder(share, step=self._make_room, forget=self._forget)
            self._memory.start(asyncio.get_running_loop())

    def stop(self) -> None:
        """Looks no more."""
        if self._memory is not None:
            self._memory.stop()

    def welcome(self, most: int) -> int:
        """How many connections may be accepted at once: each costs as much as many refusals, and brings one more request."""
        return FEW if self.admission.depth else most

    def answer(self, visit: HttpVisit) -> bytes:
        """What a request is told that is refused."""
        serving, scope = self._serving(), visit.scope
        more = serving.cors_headers(scope)
        return serving.overloaded.written(keep_alive=visit.keep_alive, bodiless=scope["method"] == "HEAD", more=more)

    def _make_room(self, rank: int) -> None:
        self._serving().plan.pressure.room_for = rank

    def _forget(self) -> None:
        answers = self._serving().plan.answers
        if answers is not None:
            answers.shrink(FORGOTTEN)

    def _judge(self, visit: HttpVisit) -> Rank | None:
        return self._serving().judge(visit.scope, visit.body)

    def _shed(self, rank: int, reason: str, now: float) -> None:
        self._serving().plan.pressure.gave_up(rank, now)
        self._counters[rank, reason].inc()
        self._record.note(rank, reason, asyncio.get_running_loop())
