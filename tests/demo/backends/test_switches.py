"""The switches themselves."""

from __future__ import annotations

import pytest

from gateway.demo.backends.switches import SLOW_SECONDS, Change, Switch, Switchboard


def test_delay_is_the_latency_and_more_when_slow() -> None:
    assert Switch("erp").delay == 0
    assert Switch("erp", latency_ms=250).delay == 0.25
    assert Switch("erp", "slow", 250).delay == SLOW_SECONDS + 0.25


def test_slow_is_slower_than_every_timeout_of_the_specs() -> None:
    assert SLOW_SECONDS > 2.5


def test_turning_changes_one_and_keeps_its_latency() -> None:
    board = Switchboard([Switch("erp", latency_ms=18), Switch("hr", latency_ms=16)])
    board.turn(Change("hr", "down"))
    board.turn(Change("erp", "garbled", 3))
    assert board.states() == [Switch("erp", "garbled", 3), Switch("hr", "down", 16)]


def test_an_unknown_name_turns_nothing() -> None:
    board = Switchboard([Switch("erp")])
    with pytest.raises(KeyError):
        board.turn(Change("crm", "down"))
    assert board.states() == [Switch("erp")]
