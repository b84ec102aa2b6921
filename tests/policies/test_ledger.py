from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.ledger import Ledger
from gateway.sdk.allowance import DAY, Allowance, Charge, Use

TIER = Allowance("tier", "default", 60, 60.0, 10)
QUOTA = Allowance("day", "tenant_day", 5, DAY, 5, "day")
NOON = 1_795_176_000.0  # 2026-11-20 12:00 UTC


class Time:
    """Both clocks of a ledger; they go together."""

    def __init__(self) -> None:
        self.now = 0.0

    def ledger(self) -> Ledger:
        return Ledger(lambda: self.now, lambda: NOON + self.now)


def costing(cost: float, *charges: Charge) -> list[Charge]:
    return [charge.costing(cost) for charge in charges]


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_burst_comes_at_once_then_one_a_second(time: Time) -> None:
    ledger, charges = time.ledger(), [Charge(("ada",), TIER)]
    assert [ledger.spend(charges).remaining for _ in range(10)] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    refused = ledger.spend(charges)
    assert (refused.allowed, refused.remaining, refused.retry_after, refused.reset) == (False, 0, 1.0, 10.0)
    admitted = 0
    for _ in range(100):
        time.now += 0.25
        admitted += ledger.spend(charges).allowed
    assert admitted == 25


def test_who_was_refused_is_not_charged_for_it(time: Time) -> None:
    ledger, charges = time.ledger(), [Charge(("ada",), TIER)]
    for _ in range(1000):
        ledger.spend(charges)
    time.now += 1.0
    assert ledger.spend(charges).allowed


def test_owners_don_t_share(time: Time) -> None:
    ledger = time.ledger()
    for _ in range(11):
        ledger.spend([Charge(("ada",), TIER)])
    assert ledger.spend([Charge(("bob",), TIER)]).remaining == 9


def test_all_charges_are_made_or_none(time: Time) -> None:
    ledger = time.ledger()
    both = [Charge(("ada",), TIER), Charge(("acme",), QUOTA)]
    assert [ledger.spend(both).allowed for _ in range(6)] == [True] * 5 + [False]
    assert ledger.spend(both).allowance is QUOTA
    assert ledger.spend([Charge(("ada",), TIER)]).remaining == 4  # five were charged, not seven


def test_the_tightest_is_told(time: Time) -> None:
    verdict = time.ledger().spend([Charge(("ada",), TIER), Charge(("acme",), QUOTA)])
    assert (verdict.allowance, verdict.remaining, verdict.reset) == (QUOTA, 4, DAY / 2)


def test_a_quota_is_back_with_its_period_and_can_be_read(time: Time) -> None:
    ledger, charges = time.ledger(), [Charge(("acme",), QUOTA)]
    for _ in range(5):
        ledger.spend(charges)
    refused = ledger.spend(charges)
    assert (refused.allowed, refused.retry_after) == (False, DAY / 2)
    assert list(ledger.uses()) == [Use(("acme",), QUOTA, 5.0, NOON + DAY / 2)]
    time.now = DAY / 2
    assert list(ledger.uses()) == []
    assert ledger.spend(charges).remaining == 4


def test_a_request_may_cost_more_and_nothing_that_costs_too_much_ever_goes(time: Time) -> None:
    ledger, ada = time.ledger(), Charge(("ada",), TIER)
    assert ledger.spend(costing(10.0, ada)).remaining == 0
    time.now += 9.0
    assert not ledger.spend(costing(9.5, ada)).allowed
    assert ledger.spend(costing(9.0, ada)).allowed
    time.now += 1000
    assert not ledger.spend(costing(10.5, ada)).allowed


def test_what_costs_nothing_takes_nothing(time: Time) -> None:
    ledger, ada = time.ledger(), Charge(("ada",), TIER)
    for _ in range(10):
        ledger.spend([ada])
    assert (ledger.spend(costing(0.0, ada)).allowed, ledger.spend([ada]).allowed) == (True, False)


def test_what_an_answer_cost_is_owed_and_worked_off(time: Time) -> None:
    ledger, both = time.ledger(), [Charge(("ada",), TIER), Charge(("acme",), QUOTA)]
    ledger.spend(both)
    ledger.add(costing(29.0, *both))
    assert not ledger.spend(both[:1]).allowed
    time.now += 20.0
    assert not ledger.spend(both[:1]).allowed
    time.now += 1.0
    assert ledger.spend(both[:1]).allowed
    assert [use.used for use in ledger.uses()] == [30.0]
    ledger.add(costing(-100.0, *both))
    assert [use.used for use in ledger.uses()] == [0.0]
    assert ledger.spend(costing(10.0, both[0])).allowed
    assert not ledger.spend(costing(0.1, both[0])).allowed  # giving back makes nobody richer than the burst


def test_a_clock_that_is_set_back_begins_no_period_anew(time: Time) -> None:
    ledger = time.ledger()
    hourly = Charge(("ada",), Allowance("hour", "hour", 5, 3600.0, 5, "hour"), 5.0)
    time.now = 3600.0
    assert ledger.spend([hourly]).allowed
    time.now = 3599.0
    assert not ledger.spend([hourly]).allowed
    time.now = 7200.0
    assert ledger.spend([hourly]).allowed


def test_whoever_was_not_seen_for_longest_is_forgotten_where_there_are_too_many(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.policies.ledger.MOST", 100)
    ledger = time.ledger()
    often = [Charge(("often",), TIER), Charge(("often",), QUOTA)]
    ledger.spend(costing(5.0, *often))
    for number in range(1000):
        ledger.spend([Charge((str(number),), TIER, 5.0), Charge((str(number),), QUOTA, 5.0)])
        assert ledger.spend(costing(0.0, *often)).remaining == 0
    assert 100 <= len(ledger) <= 200
    assert not ledger.spend([Charge(("often",), TIER, 6.0)]).allowed
    assert ledger.spend([Charge(("0",), TIER, 10.0)]).allowed


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 12), st.sampled_from(["ada", "bob"])), max_size=80))
def test_one_rate_is_counted_as_one_of_several_is(arrivals: list[tuple[float, float, str]]) -> None:
    """What is done in one go for a single rate, and in two for a bill."""
    time = Time()
    alone, billed = time.ledger(), time.ledger()
    wide = Allowance("wide", "wide", 1e6, 1.0, 1e6)
    for gap, cost, who in arrivals:
        time.now += gap
        one, other = alone.spend([Charge((who,), TIER, cost)]), billed.spend([Charge((who,), TIER, cost), Charge((who,), wide, 0.0)])
        assert (one.allowed, one.remaining) == (other.allowed, other.remaining)
        assert (one.reset, one.retry_after) == pytest.approx((other.reset, other.retry_after))


@given(
    st.floats(0.5, 50), st.floats(1, 60), st.integers(1, 20),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3)), min_size=1, max_size=150),
)  # fmt: skip
def test_no_window_ever_holds_more_than_rate_and_burst(units: float, window: float, burst: int, arrivals: list[tuple[float, int]]) -> None:
    time = Time()
    ledger, charges = time.ledger(), [Charge(("ada",), Allowance("a", "a", units, window, burst))]
    admitted: list[tuple[float, int]] = []
    for gap, cost in arrivals:
        time.now += gap
        if ledger.spend(costing(cost, *charges)).allowed:
            admitted.append((time.now, cost))
    for start, _ in admitted:
        within = sum(cost for moment, cost in admitted if start <= moment < start + window)
        assert within <= units + burst + 1e-6


@given(st.integers(1, 100), st.integers(1, 20))
def test_one_who_always_asks_gets_the_rate_to_the_unit(units: int, burst: int) -> None:
    time = Time()
    ledger, charges = time.ledger(), [Charge(("ada",), Allowance("a", "a", units, 60.0, burst))]
    step = 60.0 / units / 4
    admitted = 0
    for _ in range(400):
        admitted += ledger.spend(charges).allowed
        time.now += step
    assert abs(admitted - (100 + burst)) <= 1
