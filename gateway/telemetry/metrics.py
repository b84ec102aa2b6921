"""Metrics in a registry of the gateway's own (Prometheus conventions, names of interfaces §4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import prometheus_client
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from gateway.sdk import Counter, Histogram
from gateway.telemetry.sums import pack

MOST_CHILDREN = 1000
"""Combinations of labels of one metric; further ones are counted together under `OTHER`."""

OTHER = "other"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class PrometheusMetrics:
    """Implements `gateway.sdk.Metrics`. A combination asked for again gives the same child."""

    def __init__(self, most_children: int = MOST_CHILDREN) -> None:
        self._registry = CollectorRegistry()
        self._most = most_children
        self._families: dict[str, Any] = {}
        self._children: dict[str, dict[tuple[tuple[str, str], ...], Any]] = {}

    def counter(self, name: str, description: str, /, **labels: str) -> Counter:
        """Counts up; `name` ends with `_total`."""
        child: Counter = self._child(prometheus_client.Counter, name, description, labels)
        return child

    def histogram(self, name: str, description: str, /, **labels: str) -> Histogram:
        """Seconds, in buckets from 1 ms to 30 s."""
        child: Histogram = self._child(prometheus_client.Histogram, name, description, labels, buckets=SECONDS)
        return child

    def gauge(self, name: str, description: str, read: Callable[[], float], /, **labels: str) -> None:
        """Calls `read` whenever it is looked at; a later `read` of the same labels takes its place."""
        self._child(prometheus_client.Gauge, name, description, labels).set_function(read)

    def expose(self) -> tuple[bytes, str]:
        """All metrics as text, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def pack(self) -> bytes:
        """All metrics as `gateway.telemetry.sums` puts those of several processes together."""
        return pack(self._registry)

    def _child(self, kind: Callable[..., Any], name: str, description: str, labels: dict[str, str], **options: Any) -> Any:
        """Raises `ValueError` where a metric is used with other labels, or as another kind, than the first time."""
        if name not in self._families:
            self._families[name] = kind(name, description, tuple(labels), registry=self._registry, **options)
            self._children[name] = {}
        family, children = self._families[name], self._children[name]
        if type(family) is not kind:
            raise ValueError(f"{name} is already a metric of another kind")
        if not labels:
            return family
        key = tuple(sorted(labels.items()))
        if key not in children and len(children) >= self._most:
            labels = dict.fromkeys(labels, OTHER)
            key = tuple(sorted(labels.items()))
        if key not in children:
            children[key] = family.labels(**labels)
        return children[key]


class NoMetrics:
    """Implements `gateway.sdk.Metrics` where `telemetry.metrics` is false."""

    def counter(self, name: str, description: str, /, **labels: str) -> Counter:
        """Counts nothing."""
        del name, description, labels
        return _NOTHING

    def histogram(self, name: str, description: str, /, **labels: str) -> Histogram:
        """Observes nothing."""
        del name, description, labels
        return _NOTHING

    def gauge(self, name: str, description: str, read: Callable[[], float], /, **labels: str) -> None:
        """Never reads."""


class _Nothing:
    def inc(self, amount: float = 1) -> None:
        """Does nothing."""

    def observe(self, amount: float) -> None:
        """Does nothing."""


_NOTHING = _Nothing()
