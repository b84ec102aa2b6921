"""One of several servers: its share of the calls, and what is known of its health."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from math import inf

from gateway.sdk import Circuit, CircuitSettings, CircuitState, ServerReport, ServerState

SLOW_START = 10.0
"""Seconds over which a server that comes back gets its share again."""

LEAST_SHARE = 0.1
"""The part of its share that it begins with."""

PRIME = (1 << 61) - 1
"""What hashes of servers are counted by."""


class Member:
    """What a pool knows of one server. `url` tells it from others in hashes (`mark`), so that a pool's order doesn't matter.

    Out of service is a server whose circuit is not closed, or which active checks found down (`passing`). `unreachable` says that it
    was left out because no connection could be made. `on_turn(member, reason)` is called when it goes out of service (for the reason
    `connect`, `failures` or `check`) or comes back (reason None), `on_change()` whenever who may be picked has to be found anew.
    `share` and `credit` belong to who picks.
    """

    __slots__ = (
        "_on_change", "_on_turn", "_refusing", "_returned_at", "_time", "_weight", "circuit", "credit", "failed_checks", "in_flight",
        "in_service", "mark", "number", "passing", "share", "unreachable",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        url: str,
        weight: float,
        ejection: CircuitSettings,
        *,
        time: Callable[[], float],
        on_turn: Callable[[Member, str | None], None],
        on_change: Callable[[], None],
    ) -> None:
        seed = blake2b(url.encode(), digest_size=16).digest()
        self.mark = (int.from_bytes(seed[:8], "big") % (PRIME - 1) + 1, int.from_bytes(seed[8:], "big") % PRIME)
        self._weight = weight
        self._time = time
        self._on_turn = on_turn
        self._on_change = on_change
        self._returned_at = -inf
        self._refusing = False
        self.number = number
        self.circuit = Circuit(ejection, self._circuit_changed)
        self.in_flight = 0
        self.failed_checks = 0
        self.passing = True
        self.in_service = True
        self.unreachable = False
        self.share = weight
        self.credit = 0.0

    @property
    def state(self) -> ServerState:
        """Whether it gets calls: all of them, single ones to see how it is, or none."""
        if not self.passing or self.circuit.state == "open":
            return "out"
        return "in" if self.circuit.state == "closed" else "probing"

    def report(self) -> ServerReport:
        """For whoever asks how it is."""
        return ServerReport(self.number, self.state, self.in_flight, self.passing)

    def grow(self, now: float) -> bool:
        """Sets `share` to what is due at `now`; True while it still grows."""
        part = (now - self._returned_at) / SLOW_START
        self.share = self._weight * min(1.0, max(LEAST_SHARE, part))
        return part < 1.0

    def refused(self, now: float) -> None:
        """No connection could be made: it is left out at once."""
        self._refusing = self.unreachable = True
        self.circuit.open(now)
        self._refusing = False

    def checked(self, healthy: bool, threshold: int) -> None:
        """What an active check found; `threshold` failed ones in a row leave it out."""
        self.failed_checks = 0 if healthy else self.failed_checks + 1
        passing = healthy or (self.passing and self.failed_checks < threshold)
        if passing != self.passing:
            self.passing = passing
            self._turn("check")

    def _circuit_changed(self, _before: CircuitState, after: CircuitState) -> None:
        if after != "half_open":
            self.unreachable = self._refusing and after == "open"
        self._turn("connect" if self.unreachable else "failures")

    def _turn(self, reason: str) -> None:
        in_service = self.passing and self.circuit.state == "closed"
        if in_service != self.in_service:
            self.in_service = in_service
            self.credit = 0.0
            if in_service:
                self._returned_at = self._time()
            self._on_turn(self, None if in_service else reason)
        self._on_change()
