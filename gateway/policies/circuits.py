"""The circuits of one source: one for each lane, and more for operations that have a circuit breaker of their own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from gateway.policies.circuit_speaker import Speaker
from gateway.policies.circuit_word import Listening, Word
from gateway.sdk import Binding, Circuit, CircuitOpen, CircuitSettings, CircuitState, Services
from gateway.sdk.lanes import Lanes
from gateway.sdk.source_config import CircuitBreaker

LEVELS: dict[CircuitState, int] = {"closed": 0, "half_open": 1, "open": 2}
SOURCE_WIDE = ""
"""Stands for the operation in a circuit that all operations of its source share."""


class Circuits:
    """Made once for each source; every change of state is counted, logged and told to expressions."""

    def __init__(self, source: str, apart: frozenset[str], services: Services) -> None:
        self._source = source
        self._apart = apart
        self._metrics = services.metrics
        self._standings = services.standings
        self._logger = logging.getLogger(f"gateway.{source}")
        self._by_operation: dict[str, Lanes[Circuit]] = {}
        self._named: dict[tuple[str, str], Circuit] = {}
        self._transitions = {
            state: services.metrics.counter(
                "gateway_circuit_transitions_total", "How often circuits changed their state.", source=source, to=state
            )
            for state in LEVELS
        }
        self._clock = services.clock
        self._listening: dict[tuple[str, str], Listening] = {}
        self._speaker = None if services.state is None else Speaker(services.state, f"circuit/{source}", self._hear, services)
        services.standings.separate(source, apart)
        services.standings.show(source, "circuit", self._state)
        services.standings.show(source, "circuits", lambda: list(self._others()) or None)

    def of(self, operation: str, breaker: CircuitBreaker) -> Lanes[Circuit]:
        """The circuits of an operation, or of all that share them (`SOURCE_WIDE`)."""
        if operation not in self._by_operation:
            settings = CircuitSettings.of(breaker)
            self._by_operation[operation] = Lanes(lambda lane: self._make(operation, lane, settings), self._apart)
        return self._by_operation[operation]

    def _make(self, operation: str, lane: str, settings: CircuitSettings) -> Circuit:
        def turned(before: CircuitState, after: CircuitState) -> None:
            self._transitions[after].inc()
            self._tell_standing(operation, lane, circuit)
            level = logging.WARNING if after == "open" else logging.INFO
            self._logger.log(level, "circuit of %s: %s, was %s", _described(self._source, operation, lane), after, before)
            now = self._clock.monotonic()
            if listening.turned(after, now) and self._speaker is not None and after != "half_open":
                self._speaker.say(Word(self._speaker.origin, operation, lane, after, circuit.retry_after(now)))

        circuit = self._named[operation, lane] = Circuit(settings, turned)
        listening = self._listening[operation, lane] = Listening(circuit, settings.recovery_timeout)
        self._metrics.gauge(
            "gateway_circuit_state", "0 closed, 1 half open, 2 open.", lambda: LEVELS[circuit.state],
            source=self._source, operation=operation, lane=lane,
        )  # fmt: skip
        return circuit

    def _tell_standing(self, operation: str, lane: str, circuit: Circuit) -> None:
        self._standings.turned(self._source, lane, operation, until=circuit.rests_until)

    def _hear(self, word: Word, own: bytes) -> None:
        """What another process said. It may have circuits that this one doesn't."""
        key = (word.operation, word.lane)
        listening = self._listening.get(key)
        if listening is not None and listening.hear(word, own, self._clock.monotonic()):
            self._tell_standing(*key, self._named[key])

    def _state(self) -> CircuitState | None:
        """That of the circuit which all operations and most tenants share, where there is one."""
        circuit = self._named.get((SOURCE_WIDE, ""))
        return None if circuit is None else circuit.state

    def _others(self) -> Iterator[dict[str, Any]]:
        """The circuits of single operations and tenants."""
        for (operation, lane), circuit in self._named.items():
            told = {"operation": operation, "tenant": lane}
            if operation or lane:
                yield {**{member: name for member, name in told.items() if name}, "state": circuit.state}


def circuits_of(binding: Binding, services: Services) -> Lanes[Circuit] | None:
    """Those that an operation's calls go through, by lane; None where it has no circuit breaker."""
    if binding.breaker is None:
        return None
    source, _, operation = binding.id.partition(".")
    circuits: Circuits | None = binding.shared.get("circuits")
    if circuits is None:
        circuits = binding.shared["circuits"] = Circuits(source, binding.apart, services)
    own = binding.config.circuit_breaker is not None
    return circuits.of(operation if own else SOURCE_WIDE, binding.breaker)


def refusal(circuit: Circuit, now: float) -> CircuitOpen:
    """What a call is answered that a circuit does not let through; when to ask again is not known while single calls try it."""
    error = CircuitOpen()
    error.retry_after = circuit.retry_after(now) or None
    return error


def _described(source: str, operation: str, lane: str) -> str:
    what = f"operation {source}.{operation}" if operation else f"source {source}"
    return f"{what} for tenant {lane}" if lane else what
