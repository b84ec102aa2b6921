from __future__ import annotations

from gateway.server.usage import Usage
from gateway.testing.services import FakeMetrics


def test_bytes_by_tenant_and_direction() -> None:
    metrics = FakeMetrics()
    usage = Usage(metrics)
    usage.count("acme", 10, 200)
    usage.count("acme", 5, 0)
    usage.count("zeta", 0, 7)
    assert {name: sum(meter.values) for name, meter in metrics.meters.items()} == {
        'gateway_tenant_bytes_total{direction="in",tenant="acme"}': 15,
        'gateway_tenant_bytes_total{direction="out",tenant="acme"}': 200,
        'gateway_tenant_bytes_total{direction="in",tenant="zeta"}': 0,
        'gateway_tenant_bytes_total{direction="out",tenant="zeta"}': 7,
    }


def test_without_metrics_nothing_is_counted() -> None:
    Usage(None).count("acme", 1, 1)
