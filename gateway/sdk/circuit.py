"""The state machine of a circuit breaker: closed, open, half open (M. Nygard, "Release It!", ch. 5).

Own code: pybreaker counts nothing of a coroutine, lets every waiting call through as a probe and takes the wall clock's time.
A circuit does not call anything. Who calls asks it for a ticket, and tells it afterwards what came of the call:

    ticket = circuit.admit(now)
    if not ticket: raise CircuitOpen
    ...
    circuit.succeeded(ticket, now, seconds)   or   failed(…)   or   left(ticket)

`now` and `seconds` are on the monotonic scale. A ticket from before a change of state says nothing about the state after it, and is
not counted: a slow failure from before the circuit opened does not end its probes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Literal

import msgspec

from gateway.sdk.source_config import CircuitBreaker

CircuitState = Literal["closed", "half_open", "open"]

BUCKETS = 10
"""Parts of a sliding window: it moves on by one part at a time, so it holds the last nine to ten tenths of its length."""


class CircuitSettings(msgspec.Struct, frozen=True):
    """When a circuit opens and closes again; times in seconds.

    Without a `window`, `failure_threshold` failures in a row open it. With one, it opens when at least `minimum_calls` ended in the
    window and `failure_rate` of them failed, or `slow_call_rate` of them took `slow_call_duration` or longer. Open, it refuses everything
    for `recovery_timeout`; then up to `success_threshold` calls at once may try, and as many successes close it: one failure opens it
    again. One that opens again soon after it closed stays open twice as long each time, up to `longest_recovery`.
    """

    failure_threshold: int = 5
    recovery_timeout: float = 60.0
    success_threshold: int = 1
    window: float | None = None
    minimum_calls: int = 20
    failure_rate: float = 0.5
    slow_call_duration: float | None = None
    slow_call_rate: float = 1.0
    longest_recovery: float = 0.0

    @classmethod
    def of(cls, written: CircuitBreaker) -> CircuitSettings:
        """As a configuration has it."""
        return cls(
            failure_threshold=written.failure_threshold,
            recovery_timeout=float(written.recovery_timeout),
            success_threshold=written.success_threshold,
            window=written.window,
            minimum_calls=written.minimum_calls,
            failure_rate=written.failure_rate,
            slow_call_duration=written.slow_call_duration,
            slow_call_rate=written.slow_call_rate,
        )


class _Window:
    """Calls, failures and slow calls of the last `length` seconds."""

    __slots__ = ("_buckets", "_head", "_length", "calls", "failures", "slow")

    def __init__(self, length: float) -> None:
        self._length = length / BUCKETS
        self.clear()

    def clear(self) -> None:
        self._head = 0
        self._buckets = [[0, 0, 0] for _ in range(BUCKETS)]
        self.calls = self.failures = self.slow = 0

    def add(self, now: float, *, failed: bool, slow: bool) -> None:
        self._move_to(int(now / self._length))
        bucket = self._buckets[self._head % BUCKETS]
        bucket[0] += 1
        bucket[1] += failed
        bucket[2] += slow
        self.calls += 1
        self.failures += failed
        self.slow += slow

    def _move_to(self, head: int) -> None:
        """Never back: a time that lies before the newest part counts as that part's."""
        if head <= self._head:
            return
        for number in range(max(self._head + 1, head - BUCKETS + 1), head + 1):
            bucket = self._buckets[number % BUCKETS]
            self.calls -= bucket[0]
            self.failures -= bucket[1]
            self.slow -= bucket[2]
            bucket[:] = (0, 0, 0)
        self._head = head


class Circuit:
    """One circuit. `on_change` is told of each change of state: the one before, and the one after it.

    `state` is that of the last call: an open circuit whose time has come stays `open` until a call tries it. `generation` changes with
    it, and is the ticket of calls that are admitted now.
    """

    __slots__ = (
        "_closed_at", "_failures", "_on_change", "_opened_at", "_probes", "_recovery", "_settings", "_successes", "_window", "generation",
        "state",
    )  # fmt: skip

    def __init__(self, settings: CircuitSettings, on_change: Callable[[CircuitState, CircuitState], None] | None = None) -> None:
        self._settings = settings
        self._on_change = on_change
        self.state: CircuitState = "closed"
        self.generation = 1
        self._failures = self._successes = self._probes = 0
        self._opened_at = 0.0
        self._closed_at = -inf
        self._recovery = settings.recovery_timeout
        self._window = None if settings.window is None else _Window(settings.window)

    def admits(self, now: float) -> bool:
        """Whether a call would be let through; nothing is taken."""
        if self.state == "closed":
            return True
        if self.state == "open":
            return now >= self._opened_at + self._recovery
        return self._probes < self._settings.success_threshold

    def admit(self, now: float) -> int:
        """A ticket for one call, whose end must be told exactly once; 0 where it must not be made."""
        if self.state == "closed":
            return self.generation
        if not self.admits(now):
            return 0
        if self.state == "open":
            self._successes = self._probes = 0
            self._become("half_open")
        self._probes += 1
        return self.generation

    def outdated(self, ticket: int) -> bool:
        """Whether a call that was admitted and not yet sent must not be sent any more, since the circuit has opened meanwhile."""
        return ticket != self.generation and self.state != "closed"

    @property
    def rests_until(self) -> float | None:
        """When an open circuit may let a call through, on the scale of `now`; None in all other states."""
        return self._opened_at + self._recovery if self.state == "open" else None

    def retry_after(self, now: float) -> float:
        """Seconds until a call may be let through; 0 where one may be now, or as soon as those that try it have ended."""
        return max(0.0, self._opened_at + self._recovery - now) if self.state == "open" else 0.0

    def succeeded(self, ticket: int, now: float, seconds: float = 0.0) -> None:
        """The call worked, in so many seconds."""
        if ticket != self.generation:
            return
        if self.state == "closed":
            self._failures = 0
            if self._window is not None:
                self._count(self._window, now, seconds, failed=False)
            return
        self._probes -= 1
        self._successes += 1
        if self._successes >= self._settings.success_threshold:
            self._close(now)

    def failed(self, ticket: int, now: float, seconds: float = 0.0) -> None:
        """The call failed, after so many seconds."""
        if ticket != self.generation:
            return
        if self.state == "half_open":
            self._open(now)
        elif self._window is not None:
            self._count(self._window, now, seconds, failed=True)
        else:
            self._failures += 1
            if self._failures >= self._settings.failure_threshold:
                self._open(now)

    def left(self, ticket: int) -> None:
        """The call ended without telling anything: it was cancelled, or never sent."""
        if ticket == self.generation and self.state == "half_open":
            self._probes -= 1

    def open(self, now: float) -> None:
        """Opens it whatever was counted: the backend is known to be down."""
        if self.state != "open":
            self._open(now)

    def rest(self, now: float, seconds: float) -> None:
        """Opens it for so long, as others found that the backend is down."""
        self._recovery = seconds
        self._opened_at = now
        self._become("open")

    def rest_until(self, then: float) -> None:
        """Has an open circuit refuse calls until then, instead of as long as was planned."""
        self._recovery = then - self._opened_at

    def close(self, now: float) -> None:
        """Closes it whatever was counted, as others found that the backend works."""
        self._close(now)

    def _count(self, window: _Window, now: float, seconds: float, *, failed: bool) -> None:
        """Shares are compared as quotients: 7 of 100 is the very number that 0.07 is, while 0.07 of 100 is a little more than 7."""
        settings = self._settings
        slow = settings.slow_call_duration is not None and seconds >= settings.slow_call_duration
        window.add(now, failed=failed, slow=slow)
        if window.calls < settings.minimum_calls:
            return
        too_slow = settings.slow_call_duration is not None and window.slow / window.calls >= settings.slow_call_rate
        if too_slow or window.failures / window.calls >= settings.failure_rate:
            self._open(now)

    def _open(self, now: float) -> None:
        settings = self._settings
        again = self.state == "half_open" or now - self._closed_at < self._recovery
        grown = min(self._recovery * 2, settings.longest_recovery) if again else settings.recovery_timeout
        self._recovery = max(grown, settings.recovery_timeout)
        self._opened_at = now
        self._become("open")

    def _close(self, now: float) -> None:
        self._closed_at = now
        self._failures = 0
        if self._window is not None:
            self._window.clear()
        self._become("closed")

    def _become(self, state: CircuitState) -> None:
        before, self.state = self.state, state
        self.generation += 1
        if self._on_change is not None:
            self._on_change(before, state)
