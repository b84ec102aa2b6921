"""Ranks of priorities, and how an intent's and a tenant's make one."""

from __future__ import annotations

import pytest

from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL, PRIORITIES, combined, rank_of


def test_the_most_important_comes_first() -> None:
    assert [rank_of(priority) for priority in PRIORITIES] == [0, 1, 2, 3]
    assert [PRIORITIES[rank] for rank in (CRITICAL, HIGH, NORMAL, LOW)] == ["critical", "high", "normal", "low"]


@pytest.mark.parametrize("rank", range(len(PRIORITIES)))
def test_a_normal_one_leaves_the_other_as_it_is(rank: int) -> None:
    assert combined(rank, NORMAL) == rank
    assert combined(NORMAL, rank) == rank


@pytest.mark.parametrize(
    ("intent", "tenant", "rank"),
    [
        (HIGH, HIGH, CRITICAL),
        (NORMAL, CRITICAL, CRITICAL),
        (LOW, CRITICAL, HIGH),
        (LOW, HIGH, NORMAL),
        (CRITICAL, LOW, HIGH),
        (HIGH, LOW, NORMAL),
    ],
)
def test_a_tenant_moves_its_requests_by_steps(intent: int, tenant: int, rank: int) -> None:
    assert combined(intent, tenant) == rank


def test_there_is_nothing_beyond_either_end() -> None:
    assert combined(CRITICAL, CRITICAL) == CRITICAL
    assert combined(CRITICAL, HIGH) == CRITICAL
    assert combined(LOW, LOW) == LOW
