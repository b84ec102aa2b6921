"""Every case, shortened: what no busy machine can break must hold. In full, with latencies, they are long."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.faults import dead_host, failing, flapping, hanging, hot_key, ladder
from tests.faults.cases import CASES, outcome_of

MARKS = {"redis_down": [pytest.mark.service]}
"""What needs a program that may not be installed."""


def each_case() -> list[Any]:
    return [pytest.param(name, marks=MARKS.get(name, [])) for name in CASES]


async def limits_hold(name: str, *, full: bool) -> None:
    outcome = await outcome_of(name, full=full)
    if outcome.skipped is not None:
        pytest.skip(outcome.skipped)
    assert outcome.limits
    assert outcome.broken() == []


@pytest.mark.parametrize("name", each_case())
async def test_limits_hold_in_short(name: str) -> None:
    await limits_hold(name, full=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", each_case())
async def test_limits_hold_in_full(name: str) -> None:
    await limits_hold(name, full=True)


UNPROTECTED = [
    pytest.param(dead_host, r'"\$\{ env.GOOD_URL \}", ', "failed of 120 with a dead host", id="dead_host"),
    pytest.param(failing, r"retry: .*", "calls per request", id="failing"),
    pytest.param(hanging, r"concurrency: .*\nqueue: .*", "most calls at once in the hung one", id="hanging"),
    pytest.param(hot_key, r", cache: \{ttl: 500ms[^}]*\}", "upstream calls for the hot key", id="hot_key"),
    pytest.param(flapping, r"circuit_breaker: .*", "calls to the failing backend", id="flapping"),
    pytest.param(ladder, r", stale_if_error: 10m", "wrong answers where a rung answers", id="ladder"),
]
"""What is taken out of a case's configuration, and the limit that then can't hold."""


@pytest.mark.slow
@pytest.mark.parametrize(("case", "protection", "limit"), UNPROTECTED)
async def test_limits_are_broken_without_the_protection(monkeypatch: pytest.MonkeyPatch, case: Any, protection: str, limit: str) -> None:
    specs, removed = re.subn(protection, "", case.SPECS)
    assert removed
    monkeypatch.setattr(case, "SPECS", specs)
    outcome = await case.run(full=False)
    assert any(limit in broken for broken in outcome.broken())
