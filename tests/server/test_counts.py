"""Sums of counters never go down, whatever becomes of workers."""

from __future__ import annotations

from gateway.server.counts import Counts
from gateway.telemetry.metrics import PrometheusMetrics
from gateway.telemetry.sums import expose


def worker(count: int) -> bytes:
    metrics = PrometheusMetrics()
    metrics.counter("a_total", "A.").inc(count)
    metrics.gauge("b", "B.", lambda: 1.0)
    return metrics.pack()


def total(counts: Counts, **live: bytes) -> list[str]:
    text = expose({int(number[1:]): packed for number, packed in live.items()}, counts.besides())[0].decode()
    return [line for line in text.splitlines() if line.startswith(("a_total", "b", "c"))]


def test_what_ended_workers_counted_stays() -> None:
    own = PrometheusMetrics()
    own.gauge("c", "C.", lambda: 2.0)
    counts = Counts(own)
    counts.told(0, worker(3))
    counts.told(0, worker(5))
    counts.ended(0)
    assert total(counts) == ["c 2.0", "a_total 5.0"]
    counts.told(0, worker(1))
    counts.ended(0)
    counts.ended(0)
    assert counts.last(0) is None
    assert total(counts, w1=worker(4)) == ["c 2.0", "a_total 10.0", 'b{worker="1"} 1.0']


def test_a_worker_that_told_nothing_leaves_nothing() -> None:
    counts = Counts(PrometheusMetrics())
    counts.ended(7)
    assert total(counts) == []
