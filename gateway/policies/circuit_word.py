"""What processes that share `stores.state` tell each other of their circuits, and what a circuit makes of it.

Word is never waited for and may get lost: each circuit works without it. Whose calls opened a circuit tells so, and the others open
theirs, before they meet the same failures. They rest a little longer than was told, so that who opened it tries it first, and hear what
came of that; where several opened it at once, one of them goes first. What others say is bounded, so that a process which can't reach a
backend, or lies, doesn't take it from everybody:

- Word opens a closed circuit for at most its own `recovery_timeout` and a quarter. Then it tries for itself.
- It never makes an open circuit rest longer, but for that quarter, nor touches one that is being tried.
- It opens a circuit at most once in a recovery time, and once in ten where the circuit's own calls showed that it had been wrong.
- It closes only what it opened, and not before the time that was told.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Literal

import msgspec

from gateway.sdk import Circuit, CircuitState

TURN = 0.25
"""The part of a recovery time for which others wait longer than who goes first."""

WRONG = 10
"""Recovery times for which word is not heard that was wrong."""


class Word(msgspec.Struct, frozen=True, array_like=True):
    """That a circuit of the process `origin` is open for so many seconds, or closed."""

    origin: bytes
    operation: str
    lane: str
    state: Literal["open", "closed"]
    seconds: float = 0.0


class Listening:
    """Goes with one circuit; times in seconds on its scale, `recovery` is its own."""

    def __init__(self, circuit: Circuit, recovery: float) -> None:
        self._circuit = circuit
        self._recovery = recovery
        self._follows = False
        self._following = False
        self._deaf_until = -inf
        self._told_until = 0.0

    def turned(self, after: CircuitState, now: float) -> bool:
        """Called at each change of the circuit. Whether it is news for others: what they said is not."""
        if after == "open":
            self._follows = self._following
            self._told_until = now + self._recovery
        elif after == "closed":
            wrong = self._follows and not self._following
            self._deaf_until = now + self._recovery * (WRONG if wrong else 1)
            self._follows = False
        return after != "half_open" and not self._following

    def hear(self, word: Word, own: bytes, now: float) -> bool:
        """What another process said; `own` tells this one from all others. Whether it changed anything."""
        return self._hear_open(word, own, now) if word.state == "open" else self._hear_closed(now)

    def _hear_open(self, word: Word, own: bytes, now: float) -> bool:
        circuit = self._circuit
        if circuit.state == "closed":
            told = min(word.seconds, self._recovery)
            if not told > 0 or now < self._deaf_until:
                return False
            self._follow(lambda: circuit.rest(now, told + self._recovery * TURN))
            self._told_until = now + told
            return True
        if circuit.state == "open" and not self._follows and word.origin < own:
            self._follows = True
            self._told_until = now + circuit.retry_after(now)
            circuit.rest_until(self._told_until + self._recovery * TURN)
            return True
        return False

    def _hear_closed(self, now: float) -> bool:
        circuit = self._circuit
        if circuit.state != "open" or not self._follows:
            return False
        if now >= self._told_until:
            self._follow(lambda: circuit.close(now))
        else:
            circuit.rest_until(self._told_until)
        return True

    def _follow(self, change: Callable[[], None]) -> None:
        """A change that is others' doing."""
        self._following = True
        try:
            change()
        finally:
            self._following = False
