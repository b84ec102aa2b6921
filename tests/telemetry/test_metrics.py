"""The registry: children are found again, labels can't grow without end."""

from __future__ import annotations

import pytest

from gateway.telemetry.metrics import NoMetrics, PrometheusMetrics


def text(metrics: PrometheusMetrics) -> list[str]:
    exposed, content_type = metrics.expose()
    assert content_type.startswith("text/plain; version=0.0.4")
    return [line for line in exposed.decode().splitlines() if not line.startswith("#") and "_created" not in line]


def test_a_combination_has_one_child_whatever_the_order_of_its_labels() -> None:
    metrics = PrometheusMetrics()
    first = metrics.counter("gateway_requests_total", "Requests.", intent="a", status="ok")
    assert metrics.counter("gateway_requests_total", "Requests.", status="ok", intent="a") is first
    first.inc()
    first.inc(2)
    assert text(metrics) == ['gateway_requests_total{intent="a",status="ok"} 3.0']


def test_histograms_count_seconds() -> None:
    metrics = PrometheusMetrics()
    metrics.histogram("gateway_request_duration_seconds", "Duration.", intent="a").observe(0.02)
    lines = text(metrics)
    assert 'gateway_request_duration_seconds_bucket{intent="a",le="0.01"} 0.0' in lines
    assert 'gateway_request_duration_seconds_bucket{intent="a",le="0.025"} 1.0' in lines
    assert 'gateway_request_duration_seconds_count{intent="a"} 1.0' in lines


def test_a_gauge_is_read_when_it_is_looked_at_and_may_be_replaced() -> None:
    metrics = PrometheusMetrics()
    metrics.gauge("gateway_queue_depth", "Waiting.", lambda: 3.0)
    assert text(metrics) == ["gateway_queue_depth 3.0"]
    metrics.gauge("gateway_queue_depth", "Waiting.", lambda: 4.0)
    assert text(metrics) == ["gateway_queue_depth 4.0"]


def test_labels_are_capped() -> None:
    metrics = PrometheusMetrics(most_children=2)
    for name in ("a", "b", "c", "d", "a"):
        metrics.counter("gateway_requests_total", "Requests.", intent=name).inc()
    assert text(metrics) == [
        'gateway_requests_total{intent="a"} 2.0',
        'gateway_requests_total{intent="b"} 1.0',
        'gateway_requests_total{intent="other"} 2.0',
    ]


def test_label_values_are_escaped() -> None:
    metrics = PrometheusMetrics()
    metrics.counter("gateway_requests_total", "Requests.", intent='a"\n} 9').inc()
    assert text(metrics) == ['gateway_requests_total{intent="a\\"\\n} 9"} 1.0']


def test_one_name_is_one_kind_with_one_set_of_labels() -> None:
    metrics = PrometheusMetrics()
    metrics.counter("gateway_requests_total", "Requests.", intent="a")
    with pytest.raises(ValueError, match="another kind"):
        metrics.histogram("gateway_requests_total", "Requests.", intent="a")
    with pytest.raises(ValueError, match="label"):
        metrics.counter("gateway_requests_total", "Requests.", status="a")


def test_registries_know_nothing_of_each_other() -> None:
    first, second = PrometheusMetrics(), PrometheusMetrics()
    first.counter("gateway_requests_total", "Requests.").inc()
    assert text(second) == []


def test_where_metrics_are_off_nothing_is_counted_or_read() -> None:
    metrics = NoMetrics()
    metrics.counter("a_total", "A.", x="y").inc()
    metrics.histogram("b_seconds", "B.").observe(1)
    metrics.gauge("c", "C.", lambda: 1 / 0)
