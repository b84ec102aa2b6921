"""How many bytes each tenant sends and gets, for the operator (`gateway_tenant_bytes_total`)."""

from __future__ import annotations

from gateway.sdk import Counter, Metrics


class Usage:
    """Counts the bodies of requests and answers. Tenants are a closed set, bound when they first occur."""

    def __init__(self, metrics: Metrics | None) -> None:
        self._metrics = metrics
        self._bound: dict[str, tuple[Counter, Counter]] = {}

    def count(self, tenant: str, received: int, sent: int) -> None:
        """One request with its answer, in bytes."""
        if self._metrics is None:
            return
        bound = self._bound.get(tenant)
        if bound is None:
            bound = self._bound[tenant] = (self._counter(self._metrics, tenant, "in"), self._counter(self._metrics, tenant, "out"))
        bound[0].inc(received)
        bound[1].inc(sent)

    def _counter(self, metrics: Metrics, tenant: str, direction: str) -> Counter:
        return metrics.counter("gateway_tenant_bytes_total", "Bytes of bodies by tenant.", tenant=tenant, direction=direction)
