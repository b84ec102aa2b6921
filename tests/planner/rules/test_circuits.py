"""Circuit breakers that contradict themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found

SOURCE = """
source: depot
type: http
servers: ["http://depot.test"]
circuit_breaker: {whole}
operations:
  any: {{request: GET /any, circuit_breaker: {own}}}
"""


@pytest.mark.parametrize(
    ("whole", "own", "expected"),
    [
        ("{}", "{}", []),
        ("{failure_threshold: 3, recovery_timeout: 1s}", "{window: 10s, failure_rate: 0.2, minimum_calls: 3}", []),
        ("{window: 10s, slow_call_duration: 1s, slow_call_rate: 0.3}", "{}", []),
        ("{failure_threshold: 5, window: 10s}", "{}", [("GW107", "failure_threshold")]),
        ("{}", "{failure_threshold: 5, window: 10s}", [("GW107", "failure_threshold")]),
        ("{recovery_timeout: 0s}", "{recovery_timeout: 0ms}", [("GW104", "0s"), ("GW104", "0ms")]),
        ("{window: 0s}", "{window: 1s, slow_call_duration: 0s}", [("GW104", "0s"), ("GW104", "0s")]),
        ("{window: 10s, slow_call_rate: 0.3}", "{failure_threshold: 5, window: 10s}", [("GW107", "slow_call_rate")]),
    ],
)
def test_what_is_told(tmp_path: Path, whole: str, own: str, expected: Found) -> None:
    assert found(tmp_path, SOURCE.format(whole=whole, own=own), "GW10") == expected
