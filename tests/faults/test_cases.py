"""Every case, shortened: what no busy machine can break must hold. In full, with latencies, they are long."""

from __future__ import annotations

from typing import Any

import pytest

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
    assert outcome.broken(alone=full) == []


@pytest.mark.parametrize("name", each_case())
async def test_limits_hold_in_short(name: str) -> None:
    await limits_hold(name, full=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", each_case())
async def test_limits_hold_in_full(name: str) -> None:
    await limits_hold(name, full=True)
