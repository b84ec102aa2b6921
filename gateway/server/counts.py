"""What workers have counted, those included that are no more: sums of counters never go down."""

from __future__ import annotations

from gateway.telemetry.metrics import PrometheusMetrics
from gateway.telemetry.sums import Sum


class Counts:
    """Kept by the supervisor. `own` are metrics of its own, told with the others."""

    def __init__(self, own: PrometheusMetrics) -> None:
        self._own = own
        self._last: dict[int, bytes] = {}
        self._ended = Sum()

    def told(self, worker: int, packed: bytes) -> None:
        """What a worker's metrics are now."""
        self._last[worker] = packed

    def last(self, worker: int) -> bytes | None:
        """What a worker told last."""
        return self._last.get(worker)

    def ended(self, worker: int) -> None:
        """A worker has ended: what it counted stays, how it stood does not."""
        packed = self._last.pop(worker, None)
        if packed is not None:
            self._ended.add(packed, gauges=False)

    def besides(self) -> tuple[bytes, ...]:
        """What belongs to no worker that lives."""
        return (self._own.pack(), self._ended.pack())
