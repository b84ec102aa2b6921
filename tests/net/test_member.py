"""What is known of one server, and who is told of it."""

from __future__ import annotations

import msgspec
import pytest

from gateway.net.member import LEAST_SHARE, SLOW_START, Member
from gateway.sdk import ServerReport
from gateway.sdk.http import EJECTION


class Watched:
    """A member, and what it told."""

    def __init__(self, weight: float = 1.0) -> None:
        self.now = 100.0
        self.turns: list[str | None] = []
        self.changes = 0
        self.member = Member(
            2,
            "http://a.example",
            weight,
            EJECTION,
            time=lambda: self.now,
            on_turn=lambda _, reason: self.turns.append(reason),
            on_change=self.change,
        )

    def change(self) -> None:
        self.changes += 1

    def recover(self) -> None:
        circuit = self.member.circuit
        self.now += circuit.retry_after(self.now)
        circuit.succeeded(circuit.admit(self.now), self.now)


def test_it_begins_in_service() -> None:
    assert Watched().member.report() == ServerReport(2, "in", 0)


def test_a_refused_connection_puts_it_out_at_once_and_one_good_probe_in() -> None:
    watched = Watched()
    watched.member.refused(watched.now)
    assert (watched.member.state, watched.member.unreachable, watched.turns) == ("out", True, ["connect"])
    watched.recover()
    assert (watched.member.state, watched.member.unreachable, watched.turns) == ("in", False, ["connect", None])
    assert watched.changes == 3


def test_failures_in_a_row_put_it_out_and_it_is_told_once() -> None:
    watched = Watched()
    circuit = watched.member.circuit
    for _ in range(5):
        circuit.failed(circuit.admit(watched.now), watched.now)
    assert (watched.member.state, watched.member.unreachable, watched.turns) == ("out", False, ["failures"])
    watched.now += circuit.retry_after(watched.now)
    ticket = circuit.admit(watched.now)
    assert watched.member.state == "probing"
    circuit.failed(ticket, watched.now)
    assert (watched.member.state, watched.turns) == ("out", ["failures"])


def test_a_probe_that_gets_another_failure_changes_what_is_known() -> None:
    watched = Watched()
    watched.member.refused(watched.now)
    circuit = watched.member.circuit
    watched.now += 1.0
    circuit.failed(circuit.admit(watched.now), watched.now)
    assert (watched.member.state, watched.member.unreachable) == ("out", False)


def test_a_refusal_while_it_is_out_is_remembered() -> None:
    watched = Watched()
    circuit = watched.member.circuit
    for _ in range(3):
        circuit.failed(circuit.admit(watched.now), watched.now)
    watched.member.refused(watched.now)
    assert watched.member.unreachable


def test_failed_checks_in_a_row_put_it_out_and_one_good_one_in() -> None:
    watched = Watched()
    for healthy in (False, False, True, False, False):
        watched.member.checked(healthy, 3)
    assert (watched.member.state, watched.turns) == ("in", [])
    watched.member.checked(False, 3)
    watched.member.checked(False, 3)
    assert watched.member.report() == ServerReport(2, "out", 0, checked=False)
    watched.member.checked(True, 3)
    assert (watched.member.state, watched.turns) == ("in", ["check", None])


def test_a_good_check_says_nothing_about_calls_that_fail() -> None:
    watched = Watched()
    watched.member.refused(watched.now)
    watched.member.checked(False, 1)
    watched.member.checked(True, 1)
    assert (watched.member.state, watched.turns) == ("out", ["connect"])


def test_its_share_grows_when_it_comes_back() -> None:
    watched = Watched(weight=4.0)
    assert (watched.member.grow(watched.now), watched.member.share) == (False, 4.0)
    watched.member.refused(watched.now)
    watched.recover()
    shares = []
    for part in (0, 0.05, 0.5, 0.9, 1, 2):
        growing = watched.member.grow(watched.now + part * SLOW_START)
        shares.append((growing, watched.member.share / 4.0))
    assert shares == [
        (True, LEAST_SHARE), (True, LEAST_SHARE), (True, pytest.approx(0.5)), (True, pytest.approx(0.9)), (False, 1.0), (False, 1.0),
    ]  # fmt: skip


def test_marks_differ_by_url_alone() -> None:
    def mark(url: str, number: int) -> tuple[int, int]:
        return Member(number, url, 1.0, msgspec.structs.replace(EJECTION), time=float, on_turn=print, on_change=print).mark

    assert mark("http://a.example", 0) == mark("http://a.example", 7) != mark("http://b.example", 0)
