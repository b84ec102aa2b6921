"""Metrics of several processes as one."""

from __future__ import annotations

from gateway.telemetry.metrics import PrometheusMetrics
from gateway.telemetry.sums import Sum, expose


def process(requests: int, depth: float, *seconds: float) -> PrometheusMetrics:
    metrics = PrometheusMetrics()
    metrics.counter("gateway_requests_total", "Requests.", intent="a").inc(requests)
    metrics.gauge("gateway_queue_depth", "Waiting.", lambda: depth, lane="x")
    for each in seconds:
        metrics.histogram("gateway_request_duration_seconds", "Seconds.").observe(each)
    return metrics


def shown(*args: object, **more: object) -> dict[str, float]:
    text, content_type = expose(*args, **more)  # type: ignore[arg-type]
    assert content_type.startswith("text/plain; version=0.0.4")
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_counters_and_histograms_are_added_up_and_gauges_are_each_workers_own() -> None:
    told = shown({1: process(3, 7.0, 0.004, 2.0).pack(), 0: process(2, 5.0, 0.004).pack()})
    assert told['gateway_requests_total{intent="a"}'] == 5
    assert told['gateway_queue_depth{lane="x",worker="0"}'] == 5
    assert told['gateway_queue_depth{lane="x",worker="1"}'] == 7
    assert told["gateway_request_duration_seconds_count"] == 3
    assert told["gateway_request_duration_seconds_sum"] == 2.008
    assert told['gateway_request_duration_seconds_bucket{le="0.005"}'] == 2
    assert told['gateway_request_duration_seconds_bucket{le="+Inf"}'] == 3


def test_a_sum_is_read_as_the_same_kinds_of_metrics() -> None:
    one = process(1, 0.0, 0.1)
    text = expose({0: one.pack()})[0].decode()
    alone = one.expose()[0].decode()
    kinds = [line for line in alone.splitlines() if line.startswith("# TYPE")]
    assert [line for line in text.splitlines() if line.startswith("# TYPE")] == kinds
    assert text == alone.replace('{lane="x"}', '{lane="x",worker="0"}')


def test_a_counter_began_when_the_first_of_them_did() -> None:
    first, second = process(1, 0.0), process(1, 0.0)
    created = 'gateway_requests_created{intent="a"}'
    began = shown({0: first.pack()})[created]
    assert shown({0: first.pack(), 1: second.pack()})[created] == began


def test_of_one_that_has_ended_only_what_it_counted_stays() -> None:
    ended = Sum()
    ended.add(process(4, 9.0, 0.1).pack(), gauges=False)
    ended.add(process(1, 9.0, 0.1).pack(), gauges=False)
    told = shown({0: process(2, 5.0).pack()}, (ended.pack(), process(0, 1.0).pack()))
    assert told['gateway_requests_total{intent="a"}'] == 7
    assert told["gateway_request_duration_seconds_count"] == 2
    assert {name for name in told if name.startswith("gateway_queue")} == {
        'gateway_queue_depth{lane="x",worker="0"}',
        'gateway_queue_depth{lane="x"}',
    }


def test_combinations_of_labels_that_one_worker_alone_has() -> None:
    one, other = PrometheusMetrics(), PrometheusMetrics()
    one.counter("a_total", "A.", of='x"\n').inc()
    other.counter("a_total", "A.", of="y").inc(2)
    assert shown({0: one.pack(), 1: other.pack()}).keys() >= {'a_total{of="x\\"\\n"}', 'a_total{of="y"}'}


def test_nothing_is_nothing() -> None:
    assert shown({}) == {}
