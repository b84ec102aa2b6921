"""What a circuit makes of others' word: it helps, and can neither hold a circuit open nor make it flap."""

from __future__ import annotations

from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import settings as how_often
from hypothesis import strategies as st

from gateway.policies.circuit_word import TURN, WRONG, Listening, Word
from gateway.sdk import Circuit, CircuitSettings, CircuitState

RECOVERY = 10.0
REST = RECOVERY * (1 + TURN)
LOW, OWN, HIGH = b"a", b"m", b"z"


class One:
    """One process's circuit. `told` is what it would tell others, `changes` when its state changed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[CircuitState] = []
        self.changes: list[tuple[float, CircuitState]] = []
        self.circuit = Circuit(CircuitSettings(failure_threshold=1, recovery_timeout=RECOVERY), self._turned)
        self.listening = Listening(self.circuit, RECOVERY)

    def _turned(self, _: CircuitState, after: CircuitState) -> None:
        self.changes.append((self.now, after))
        if self.listening.turned(after, self.now):
            self.told.append(after)

    def hear(self, state: CircuitState, at: float, seconds: float = RECOVERY, origin: bytes = LOW) -> bool:
        self.now = at
        assert state != "half_open"
        return self.listening.hear(Word(origin, "", "", state, seconds), OWN, at)

    def call(self, at: float, *, works: bool) -> bool:
        """Whether a call was let through."""
        self.now = at
        ticket = self.circuit.admit(at)
        if ticket:
            (self.circuit.succeeded if works else self.circuit.failed)(ticket, at)
        return bool(ticket)


def test_word_opens_a_closed_circuit_a_little_longer_and_is_not_told_on() -> None:
    one = One()
    assert one.hear("open", 5.0)
    assert (one.circuit.state, one.told) == ("open", [])
    assert one.circuit.retry_after(5.0) == REST
    assert not one.call(5.0 + REST - 0.1, works=True)
    assert one.call(5.0 + REST, works=True)
    assert (one.circuit.state, one.told) == ("closed", ["closed"])


@pytest.mark.parametrize("seconds", [1e9, inf])
def test_word_holds_no_longer_than_the_circuits_own_time(seconds: float) -> None:
    one = One()
    assert one.hear("open", 0.0, seconds)
    assert one.circuit.retry_after(0.0) == REST


@pytest.mark.parametrize("seconds", [0.0, -5.0, nan, -inf])
def test_word_of_no_time_is_none(seconds: float) -> None:
    one = One()
    assert not one.hear("open", 0.0, seconds)
    assert one.circuit.state == "closed"


def test_who_opened_it_tries_first_and_the_others_hear_what_came_of_it() -> None:
    owner, other = One(), One()
    owner.call(0.0, works=False)
    assert owner.told == ["open"]
    other.hear("open", 0.01, owner.circuit.retry_after(0.0))
    assert owner.call(10.0, works=True)
    assert not other.call(10.0, works=True)
    assert owner.told == ["open", "closed"]
    assert other.hear("closed", 10.2)
    assert (other.circuit.state, other.told) == ("closed", [])


def test_where_two_opened_it_at_once_one_goes_first() -> None:
    one = One()
    one.call(0.0, works=False)
    assert not one.hear("open", 0.1, origin=HIGH), "the other one waits for us"
    assert one.circuit.retry_after(0.0) == RECOVERY
    assert one.hear("open", 0.1, origin=LOW)
    assert one.circuit.retry_after(0.0) == pytest.approx(REST)
    assert not one.hear("open", 5.0, origin=LOW), "once is enough"
    assert one.circuit.retry_after(0.0) == pytest.approx(REST)
    assert one.hear("closed", 10.1)
    assert one.circuit.state == "closed"


def test_an_open_circuit_is_not_held_open() -> None:
    one = One()
    one.hear("open", 0.0)
    for at in range(1, 13):
        assert not one.hear("open", float(at))
    assert one.call(REST, works=True)


def test_one_that_is_being_tried_is_left_alone() -> None:
    one = One()
    one.hear("open", 0.0)
    probe = one.circuit.admit(REST)
    assert not one.hear("open", REST)
    assert not one.hear("closed", REST)
    assert one.circuit.state == "half_open"
    one.circuit.succeeded(probe, REST)
    assert one.circuit.state == "closed"


def test_word_that_was_wrong_is_not_heard_for_long() -> None:
    one = One()
    one.hear("open", 0.0)
    one.call(REST, works=True)
    assert not one.hear("open", REST + RECOVERY * WRONG - 0.1)
    assert one.hear("open", REST + RECOVERY * WRONG)


def test_closing_word_closes_only_what_word_opened_and_not_before_its_time() -> None:
    own, followed = One(), One()
    own.call(0.0, works=False)
    assert not own.hear("closed", 10.0)
    followed.hear("open", 0.0)
    assert followed.hear("closed", 4.0)
    assert followed.circuit.state == "open"
    assert not followed.call(9.9, works=True)
    assert followed.call(10.0, works=True)


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 3.0),
            st.sampled_from(["open", "closed", "call"]),
            st.floats(allow_nan=True, allow_infinity=True),
            st.sampled_from([LOW, HIGH]),
        ),
        max_size=60,
    )
)
@how_often(max_examples=60)
def test_whatever_others_say_a_backend_that_works_is_tried_in_time_and_nothing_flaps(
    said: list[tuple[float, str, float, bytes]],
) -> None:
    one, now = One(), 0.0
    refused_since: float | None = None
    for pause, what, seconds, origin in said:
        now += pause
        if what == "call":
            if one.call(now, works=True):
                refused_since = None
            else:
                refused_since = now if refused_since is None else refused_since
                assert now - refused_since < REST
        elif what == "open":
            one.hear("open", now, seconds, origin)
        else:
            one.hear("closed", now, seconds, origin)
    opened = [at for at, state in one.changes if state == "open"]
    assert all(later - earlier >= RECOVERY for earlier, later in pairwise(opened))
