"""Interceptor `bulkhead`: so many calls of a source at once, so many a second, and a bounded queue for those that have to wait.

A backend that hangs takes no more than its own places, and a flood ends here. Who finds the queue full, or waits too long in it, is
`Overloaded`: that is our doing and not the backend's, so it counts against nobody and is not tried again.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from gateway.policies.circuits import circuits_of, refusal
from gateway.sdk import (
    Binding,
    Call,
    CallHandler,
    Circuit,
    Clock,
    Component,
    Counter,
    Overloaded,
    Result,
    Services,
    SourceConfig,
)
from gateway.sdk.deadlines import Deadlines
from gateway.sdk.lanes import Lanes
from gateway.sdk.pace import Pace
from gateway.sdk.places import Places
from gateway.sdk.source_config import SourceQueue

WAITING = 100
"""How many may wait where no `queue` is written; each as long as its deadline leaves."""


class Bulkhead:
    """Round each call that a circuit lets through, until it is over."""

    def __init__(self, places: Lanes[Places], wait: float, clock: Clock, *, circuits: Lanes[Circuit] | None, shed: Shed) -> None:
        """`wait` is the longest in the queue, in seconds."""
        self._places = places
        self._wait = wait
        self._clock = clock
        self._circuits = circuits
        self._shed = shed

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        places = self._places.of(call.context.identity[0])
        if not places.take():
            await self._wait_for(places, call)
        try:
            return await proceed(call)
        finally:
            places.give_back()

    async def _wait_for(self, places: Places, call: Call) -> None:
        """Returns with a place. Raises `Overloaded` where none comes in time, `CircuitOpen` where the circuit has opened meanwhile."""
        circuit = None if self._circuits is None else self._circuits.of(call.context.identity[0])
        ticket = 0 if circuit is None else circuit.generation
        began = self._clock.monotonic()
        try:
            came = await places.wait(min(call.deadline, began + self._wait))
        except Overloaded:
            self._shed.full.inc()
            raise
        if not came:
            self._shed.waited.inc()
            raise Overloaded
        ended = self._clock.monotonic()
        call.waited = ended - began
        if circuit is not None and circuit.outdated(ticket):
            places.give_back(unused=True)
            raise refusal(circuit, ended)


class Shed:
    """The counters of calls that were turned away."""

    __slots__ = ("full", "waited")

    def __init__(self, source: str, services: Services) -> None:
        def counter(reason: str) -> Counter:
            text = "Calls that found the queue before a backend full, or waited too long in it."
            return services.metrics.counter("gateway_upstream_shed_total", text, source=source, reason=reason)

        self.full, self.waited = counter("queue_full"), counter("waited")


def build(binding: Binding, services: Services) -> Bulkhead | None:
    """Where the source has `concurrency` or `rate`."""
    source = binding.source
    if source.concurrency is None and source.rate is None:
        return None
    places: Lanes[Places] | None = binding.shared.get("places")
    if places is None:
        places = binding.shared["places"] = _places(source, binding.apart, services)
    return Bulkhead(
        places,
        inf if source.queue is None else float(source.queue.wait),
        services.clock,
        circuits=circuits_of(binding, services),
        shed=Shed(source.source, services),
    )


def _places(source: SourceConfig, apart: Iterable[str], services: Services) -> Lanes[Places]:
    """What all operations of the source share."""
    deadlines = Deadlines(services.clock)
    waiting = WAITING if source.queue is None else source.queue.max

    def make(_lane: str) -> Places:
        pace = None if source.rate is None else Pace(source.rate.requests_per_second, services.clock)
        return Places(inf if source.concurrency is None else source.concurrency, waiting, deadlines, pace)

    async def close() -> None:
        deadlines.stop()

    places = Lanes(make, apart)
    services.at_close(close)
    _show(source.source, places, services)
    return places


def _show(source: str, places: Lanes[Places], services: Services) -> None:
    def in_flight() -> int:
        return sum(each.taken for each in places)

    def waiting() -> int:
        return sum(each.waiting for each in places)

    services.metrics.gauge("gateway_upstream_in_flight", "Calls under way.", in_flight, source=source)
    services.metrics.gauge("gateway_upstream_waiting", "Calls that wait for their turn.", waiting, source=source)
    services.standings.show(source, "in_flight", in_flight)
    services.standings.show(source, "waiting", waiting)


component = Component(
    kind="interceptor",
    name="bulkhead",
    Config=SourceQueue,
    build=build,
    summary="So many calls of a source at once and in a second, with a bounded queue.",
    example="concurrency: 64",
)
