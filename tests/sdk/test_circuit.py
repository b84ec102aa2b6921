"""The circuit's states, against what is written of them and against a naive model that remembers everything."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import pytest
from hypothesis import settings as how_often
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.sdk import Circuit, CircuitSettings, CircuitState, Duration
from gateway.sdk.circuit import BUCKETS
from gateway.sdk.source_config import CircuitBreaker

PLAIN = CircuitSettings(failure_threshold=3, recovery_timeout=10.0)
SHARES = CircuitSettings(window=10.0, minimum_calls=4, failure_rate=0.5, recovery_timeout=10.0)


def fail(circuit: Circuit, times: int, now: float) -> None:
    for _ in range(times):
        circuit.failed(circuit.admit(now), now)


def opened(settings: CircuitSettings = PLAIN, now: float = 0.0) -> Circuit:
    circuit = Circuit(settings)
    circuit.open(now)
    return circuit


def test_failures_in_a_row_open_it() -> None:
    circuit = Circuit(PLAIN)
    fail(circuit, 2, 1.0)
    circuit.succeeded(circuit.admit(1.0), 1.0)
    fail(circuit, 2, 1.0)
    assert circuit.state == "closed"
    fail(circuit, 1, 1.0)
    assert circuit.state == "open"
    assert circuit.admit(10.9) == 0
    assert circuit.retry_after(10.9) == pytest.approx(0.1)


def test_after_its_time_one_call_tries_it_and_closes_it() -> None:
    circuit = Circuit(PLAIN)
    fail(circuit, 3, 0.0)
    assert not circuit.admits(9.9)
    assert circuit.admits(10.0)
    probe = circuit.admit(10.0)
    assert (circuit.state, circuit.admits(10.0), circuit.admit(10.0), circuit.retry_after(10.0)) == ("half_open", False, 0, 0.0)
    circuit.succeeded(probe, 10.5)
    assert circuit.state == "closed"
    fail(circuit, 2, 11.0)
    assert circuit.state == "closed", "failures from before it opened are forgotten"


def test_a_failed_probe_opens_it_for_as_long_again() -> None:
    circuit = opened()
    circuit.failed(circuit.admit(10.0), 12.0)
    assert circuit.state == "open"
    assert not circuit.admits(21.9)
    assert circuit.admits(22.0)


def test_probes_are_bounded_and_as_many_must_succeed() -> None:
    circuit = opened(CircuitSettings(recovery_timeout=1.0, success_threshold=2))
    first, second = circuit.admit(1.0), circuit.admit(1.0)
    assert first
    assert second
    assert not circuit.admit(1.0)
    circuit.succeeded(first, 1.1)
    assert circuit.state == "half_open"
    third = circuit.admit(1.1)
    assert third
    assert not circuit.admit(1.1)
    circuit.succeeded(second, 1.2)
    assert circuit.state == "closed"
    circuit.failed(third, 1.3)
    assert circuit.admit(1.3), "a probe that ends after it closed tells nothing"


def test_a_probe_that_is_cancelled_makes_room_for_the_next() -> None:
    circuit = opened()
    for _ in range(100):
        probe = circuit.admit(10.0)
        assert probe
        assert not circuit.admit(10.0)
        circuit.left(probe)
        assert circuit.state == "half_open"


def test_cancelled_calls_never_open_it() -> None:
    circuit = Circuit(CircuitSettings(failure_threshold=1))
    for _ in range(1000):
        circuit.left(circuit.admit(1.0))
    assert circuit.state == "closed"


def test_calls_under_way_when_it_opens_say_nothing_afterwards() -> None:
    turns: list[CircuitState] = []
    circuit = Circuit(PLAIN, lambda _, after: turns.append(after))
    tickets = [circuit.admit(0.0) for _ in range(100)]
    for ticket in tickets:
        circuit.failed(ticket, 1.0)
    assert turns == ["open"]
    late = tickets[0]
    probe = circuit.admit(11.0)
    for end in (circuit.failed, circuit.succeeded):
        end(late, 11.0)
    circuit.left(late)
    assert (circuit.state, circuit.admits(11.0)) == ("half_open", False)
    assert circuit.outdated(late)
    assert not circuit.outdated(probe)
    circuit.succeeded(probe, 11.0)
    assert not circuit.outdated(late), "it is closed: what waited meanwhile may be sent"


def test_an_open_circuit_is_not_opened_again() -> None:
    circuit = opened()
    circuit.open(5.0)
    assert circuit.admits(10.0)
    circuit.admit(10.0)
    circuit.open(10.0)
    assert (circuit.state, circuit.retry_after(10.0)) == ("open", 10.0)


def test_one_that_opens_again_soon_stays_open_longer_each_time() -> None:
    circuit = Circuit(CircuitSettings(failure_threshold=1, recovery_timeout=1.0, longest_recovery=5.0))
    now, waits = 0.0, []
    fail(circuit, 1, now)
    for _ in range(4):
        waits.append(circuit.retry_after(now))
        now += waits[-1]
        circuit.failed(circuit.admit(now), now)
    assert waits == [1.0, 2.0, 4.0, 5.0]
    now += 5.0
    circuit.succeeded(circuit.admit(now), now)
    fail(circuit, 1, now + 4.9)
    assert circuit.retry_after(now + 4.9) == 5.0, "it had closed for less time than it was open"
    now += 9.9
    circuit.succeeded(circuit.admit(now), now)
    fail(circuit, 1, now + 5.0)
    assert circuit.retry_after(now + 5.0) == 1.0


def test_without_a_longest_recovery_it_does_not_grow() -> None:
    circuit = Circuit(CircuitSettings(failure_threshold=1, recovery_timeout=1.0))
    fail(circuit, 1, 0.0)
    for now in (1.0, 2.0, 3.0):
        circuit.failed(circuit.admit(now), now)
        assert circuit.retry_after(now) == 1.0


def test_in_a_window_shares_count_and_runs_do_not() -> None:
    circuit = Circuit(SHARES)
    fail(circuit, 3, 1.0)
    assert circuit.state == "closed", "too few calls"
    circuit.succeeded(circuit.admit(1.0), 1.0)
    assert circuit.state == "open", "whichever call made them enough"


@pytest.mark.parametrize(("pause", "state"), [(8.0, "open"), (10.0, "closed"), (19.0, "closed"), (1e6, "closed")])
def test_what_is_older_than_the_window_is_forgotten(pause: float, state: CircuitState) -> None:
    circuit = Circuit(SHARES)
    fail(circuit, 3, 100.0)
    fail(circuit, 1, 100.0 + pause)
    assert circuit.state == state


def test_a_clock_that_stands_still_or_goes_back_does_no_harm() -> None:
    circuit = Circuit(SHARES)
    fail(circuit, 3, 1e6)
    fail(circuit, 1, 5.0)
    assert circuit.state == "open"
    assert circuit.admits(15.0)


def test_a_little_step_back_forgets_nothing() -> None:
    circuit = Circuit(SHARES)
    for now in (100.0, 100.5, 99.5, 100.5):
        assert circuit.state == "closed"
        fail(circuit, 1, now)
    assert circuit.state == "open"


@pytest.mark.parametrize(("rate", "failures", "calls"), [(0.07, 7, 100), (0.1, 3, 30), (0.29, 29, 100), (1.0, 10, 10)])
def test_a_share_is_met_exactly(rate: float, failures: int, calls: int) -> None:
    circuit = Circuit(CircuitSettings(window=10.0, minimum_calls=calls, failure_rate=rate))
    fail(circuit, failures, 1.0)
    for _ in range(calls - failures):
        assert circuit.state == "closed"
        circuit.succeeded(circuit.admit(1.0), 1.0)
    assert circuit.state == "open"


def test_slow_calls_open_it_though_they_succeed() -> None:
    circuit = Circuit(CircuitSettings(window=10.0, minimum_calls=4, slow_call_duration=2.0, slow_call_rate=0.75))
    for seconds in (2.0, 1.99, 5.0):
        circuit.succeeded(circuit.admit(1.0), 1.0, seconds)
    assert circuit.state == "closed"
    circuit.succeeded(circuit.admit(1.0), 1.0, 2.5)
    assert circuit.state == "open"


def test_a_window_begins_empty_once_it_closed() -> None:
    circuit = Circuit(CircuitSettings(window=100.0, minimum_calls=4, recovery_timeout=10.0))
    fail(circuit, 4, 1.0)
    circuit.succeeded(circuit.admit(11.0), 11.0)
    fail(circuit, 3, 11.0)
    assert circuit.state == "closed"


def test_settings_as_written() -> None:
    written = CircuitBreaker(failure_threshold=2, recovery_timeout=Duration(3.0), success_threshold=4, window=Duration(5.0))
    settings = CircuitSettings.of(written)
    assert (settings.failure_threshold, settings.recovery_timeout, settings.success_threshold, settings.window) == (2, 3.0, 4, 5.0)
    assert (settings.minimum_calls, settings.failure_rate, settings.slow_call_duration, settings.longest_recovery) == (20, 0.5, None, 0.0)


class Ended(NamedTuple):
    """A call that counted. `part` is that of the window."""

    part: int
    failed: bool
    slow: bool


class Naive:
    """A circuit that keeps every call that ever ended, and looks at all of them each time."""

    def __init__(self, settings: CircuitSettings) -> None:
        self.settings = settings
        self.state: CircuitState = "closed"
        self.turns: list[tuple[float, CircuitState]] = []
        self.ended: list[Ended] = []
        self.probes: list[int] = []
        self.good_probes = 0
        self.stay = settings.recovery_timeout

    def last(self, state: CircuitState) -> float:
        return max((at for at, turned in self.turns if turned == state), default=float("-inf"))

    def turn(self, state: CircuitState, now: float) -> None:
        if state == "open":
            soon = self.state == "half_open" or now - self.last("closed") < self.stay
            longest = max(self.settings.longest_recovery, self.settings.recovery_timeout)
            self.stay = min(2 * self.stay, longest) if soon else self.settings.recovery_timeout
        self.state = state
        self.turns.append((now, state))
        self.ended, self.probes, self.good_probes = [], [], 0

    def admit(self, call: int, now: float) -> bool:
        if self.state == "open" and now >= self.last("open") + self.stay:
            self.turn("half_open", now)
        if self.state == "half_open" and len(self.probes) < self.settings.success_threshold:
            self.probes.append(call)
            return True
        return self.state == "closed"

    def end(self, call: int, now: float, *, failed: bool | None, seconds: float) -> None:
        if self.state == "half_open":
            self.probes.remove(call)
            self.good_probes += failed is False
            if failed:
                self.turn("open", now)
            elif self.good_probes >= self.settings.success_threshold:
                self.turn("closed", now)
        elif self.state == "closed" and failed is not None:
            slowest = self.settings.slow_call_duration
            part = int(now * BUCKETS / self.settings.window) if self.settings.window else 0
            self.ended.append(Ended(part, failed, slowest is not None and seconds >= slowest))
            if self.is_bad():
                self.turn("open", now)

    def is_bad(self) -> bool:
        settings = self.settings
        if settings.window is None:
            last = self.ended[-settings.failure_threshold :]
            return len(last) == settings.failure_threshold and all(call.failed for call in last)
        seen = [call for call in self.ended if call.part > self.ended[-1].part - BUCKETS]
        failures, slow = sum(call.failed for call in seen), sum(call.slow for call in seen)
        if len(seen) < settings.minimum_calls:
            return False
        too_slow = settings.slow_call_duration is not None and slow / len(seen) >= settings.slow_call_rate
        return too_slow or failures / len(seen) >= settings.failure_rate


SETTINGS = st.builds(
    CircuitSettings,
    failure_threshold=st.integers(1, 4),
    recovery_timeout=st.sampled_from([1.0, 3.0]),
    success_threshold=st.integers(1, 3),
    window=st.sampled_from([None, 5.0, 20.0]),
    minimum_calls=st.integers(1, 5),
    failure_rate=st.sampled_from([0.2, 0.5, 1.0]),
    slow_call_duration=st.sampled_from([None, 2.0]),
    slow_call_rate=st.sampled_from([0.5, 1.0]),
    longest_recovery=st.sampled_from([0.0, 8.0]),
)


class AgainstTheModel(RuleBasedStateMachine):
    """Any order of calls, ends and pauses; a circuit and its model agree all the time."""

    @initialize(settings=SETTINGS)
    def begin(self, settings: CircuitSettings) -> None:
        self.now, self.calls = 128.0, 0
        self.model = Naive(settings)
        self.openings: list[float] = []
        self.circuit = Circuit(settings, lambda _, after: self.openings.append(self.now) if after == "open" else None)
        self.under_way: list[tuple[int, int, int]] = []  # call, ticket, the number of turns before it

    @rule(quarters=st.integers(1, 60))
    def time_passes(self, quarters: int) -> None:
        self.now += quarters / 4

    @rule(times=st.integers(1, 4))
    def calls_come(self, times: int) -> None:
        for _ in range(times):
            self.calls += 1
            expected = self.circuit.admits(self.now)
            ticket = self.circuit.admit(self.now)
            assert bool(ticket) == expected == self.model.admit(self.calls, self.now)
            if ticket:
                self.under_way.append((self.calls, ticket, len(self.model.turns)))

    @rule(times=st.integers(1, 6), failed=st.booleans())
    def calls_come_and_end_at_once(self, times: int, failed: bool) -> None:
        for _ in range(times):
            before = len(self.under_way)
            self.calls_come(1)
            if len(self.under_way) > before:
                self.end(len(self.under_way) - 1, failed=failed, seconds=0.5)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), failed=st.sampled_from([True, True, False, None]), seconds=st.sampled_from([0.5, 2.0]))
    def a_call_ends(self, data: Any, failed: bool | None, seconds: float) -> None:
        self.end(data.draw(st.integers(0, len(self.under_way) - 1)), failed=failed, seconds=seconds)

    def end(self, position: int, *, failed: bool | None, seconds: float) -> None:
        call, ticket, turns = self.under_way.pop(position)
        if turns == len(self.model.turns):
            self.model.end(call, self.now, failed=failed, seconds=seconds)
        if failed is None:
            self.circuit.left(ticket)
        elif failed:
            self.circuit.failed(ticket, self.now, seconds)
        else:
            self.circuit.succeeded(ticket, self.now, seconds)

    @rule()
    def it_is_known_to_be_down(self) -> None:
        self.circuit.open(self.now)
        if self.model.state != "open":
            self.model.turn("open", self.now)

    @invariant()
    def they_agree(self) -> None:
        assert self.circuit.state == self.model.state
        due = self.model.last("open") + self.model.stay - self.now if self.model.state == "open" else 0.0
        assert self.circuit.retry_after(self.now) == max(0.0, due)

    @invariant()
    def probes_are_bounded(self) -> None:
        if self.circuit.state == "half_open":
            probing = [each for each in self.under_way if each[1] == self.circuit.generation]
            assert len(probing) <= self.model.settings.success_threshold


AgainstTheModel.TestCase.settings = how_often(max_examples=60, stateful_step_count=40, deadline=None)
TestAgainstTheModel = AgainstTheModel.TestCase


@pytest.mark.parametrize("threshold", [1, 3])
def test_a_flapping_backend_opens_it_at_most_once_in_its_recovery_time(threshold: int) -> None:
    openings: list[float] = []
    now = 0.0
    settings = CircuitSettings(failure_threshold=2, recovery_timeout=1.0, success_threshold=threshold)
    circuit = Circuit(settings, lambda _, after: openings.append(now) if after == "open" else None)
    for turn in range(4000):
        now = turn / 64
        ticket = circuit.admit(now)
        if ticket and turn % 7 < 4:
            circuit.failed(ticket, now)
        elif ticket:
            circuit.succeeded(ticket, now)
    assert len(openings) > 20
    assert min(later - sooner for sooner, later in itertools.pairwise(openings)) >= 1.0
