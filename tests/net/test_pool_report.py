"""What operators learn: one record for each change, and metrics. No address is in either."""

from __future__ import annotations

import logging

import pytest

from gateway.net.pool_report import PoolReport
from tests.net.pool_of import PoolUnderTest


def test_ejections_and_returns_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pool = PoolUnderTest(3)
    pool.fail(1, times=9)
    pool.picked(3)
    pool.time.time += 1
    pool.picked(3)
    pool.succeed(pool.members[1])
    pool.picked(3)
    assert caplog.messages == [
        "server 1 of source erp is left out: too many calls to it failed",
        "server 1 of source erp is used again",
    ]
    assert pool.metrics.total("gateway_server_ejections_total", source="erp", server="1", reason="failures") == 1
    assert pool.metrics.total("gateway_server_ejections_total", source="erp", server="1", reason="connect") == 0
    assert "example" not in caplog.text


def test_gauges_tell_states_and_panic() -> None:
    pool = PoolUnderTest(2, pool="acme")

    def read(number: int) -> float:
        return pool.metrics.gauges[f'gateway_server_state{{server="acme/{number}",source="erp"}}']()

    panic = pool.metrics.gauges['gateway_panic{pool="acme",source="erp"}']
    assert (read(0), read(1), panic()) == (0, 0, 0)
    pool.refuse(0)
    pool.fail(1)
    assert (read(0), read(1), panic()) == (2, 2, 1)
    pool.time.time += 1
    pool.members[0].circuit.admit(pool.time.time)
    assert read(0) == 1


def test_panic_is_told_when_it_begins_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pool = PoolUnderTest(1, pool="acme")
    pool.members[0].checked(False, 1)
    pool.picked(5)
    pool.members[0].checked(True, 1)
    pool.picked(5)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "INFO", "INFO"]
    assert all("of source erp of tenant acme" in message for message in caplog.messages)


def test_without_anyone_to_tell_nothing_is_told() -> None:
    report = PoolReport(None, "", 1)
    pool = PoolUnderTest(1)
    report.watch(pool.members, lambda: True)
    report.turned(pool.members[0], "connect")
    report.failed_over()
    report.panicking(True)
