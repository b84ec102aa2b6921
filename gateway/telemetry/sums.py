"""Metrics of several processes as one: what each tells of itself, and what that makes together.

Counters and histograms are added up, since nobody asks which process counted. A gauge tells how one process stands: each keeps its own,
under the label `worker`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

ADDED = frozenset({"counter", "histogram"})
CREATED = "_created"
"""How the name of a sample ends that tells when its counter began."""

Labels = tuple[tuple[str, str], ...]
SampleKey = tuple[str, Labels]


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One number. Its name is the family's, with an ending such as `_bucket`."""

    name: str
    labels: Labels
    value: float


class Family(msgspec.Struct, frozen=True, array_like=True):
    """A metric and all its samples, in the order in which they are shown."""

    name: str
    description: str
    kind: str
    samples: tuple[Sample, ...]


_encode = msgspec.msgpack.Encoder().encode
_families = msgspec.msgpack.Decoder(tuple[Family, ...])


def pack(collector: Collector) -> bytes:
    """All that a registry knows at the moment."""
    return _encode([_family(metric) for metric in collector.collect()])


def _family(metric: Metric) -> Family:
    samples = tuple(Sample(each.name, tuple(each.labels.items()), float(each.value)) for each in metric.samples)
    return Family(metric.name, metric.documentation, metric.type, samples)


class Sum(Collector):
    """What processes told, put together. Begins empty."""

    def __init__(self) -> None:
        self._told: dict[str, Family] = {}
        self._samples: dict[str, dict[SampleKey, float]] = {}

    def add(self, packed: bytes, *, worker: int | None = None, gauges: bool = True) -> None:
        """What one process told. `worker` is its number; a process that has ended has no `gauges` any more."""
        for family in _families.decode(packed):
            if gauges or family.kind in ADDED:
                self._add(family, () if worker is None or family.kind in ADDED else (("worker", str(worker)),))

    def _add(self, family: Family, more: Labels) -> None:
        self._told.setdefault(family.name, family)
        known = self._samples.setdefault(family.name, {})
        for name, labels, value in ((each.name, each.labels, each.value) for each in family.samples):
            key = (name, labels + more)
            before = known.get(key)
            if before is None:
                known[key] = value
            else:
                known[key] = min(before, value) if name.endswith(CREATED) else before + value

    def pack(self) -> bytes:
        """As one process would tell it."""
        return _encode(
            [
                Family(name, told.description, told.kind, tuple(Sample(*key, value) for key, value in self._samples[name].items()))
                for name, told in self._told.items()
            ]
        )

    def collect(self) -> Iterable[Metric]:
        """What a scrape shows."""
        for name, told in self._told.items():
            metric = Metric(name, told.description, told.kind)
            for (sample, labels), value in self._samples[name].items():
                metric.add_sample(sample, dict(labels), value)
            yield metric


def expose(by_worker: Mapping[int, bytes], besides: Iterable[bytes] = ()) -> tuple[bytes, str]:
    """Everything as text, and its content type. `besides` are those of no worker: the supervisor's, and of workers that have ended."""
    total = Sum()
    for packed in besides:
        total.add(packed)
    for worker, packed in sorted(by_worker.items()):
        total.add(packed, worker=worker)
    return generate_latest(total), CONTENT_TYPE_PLAIN_0_0_4
