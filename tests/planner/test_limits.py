from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policies.limiter import Limiter
from gateway.policies.limits import Limits
from gateway.sdk.allowance import DAY, HOUR, Allowance
from gateway.testing.scenario import prepare

POLICY = """policy: rate_limits
rate_limits:
  default: {requests_per_minute: 60, burst: 10}
  several: {requests_per_second: 0.5, requests_per_hour: 100, requests_per_day: 1000, burst: 5}
  whole: {requests_per_hour: 100}
  free: {}
quotas: {tenant_day: {requests_per_day: 5, key: [tenant.id]}, month: {requests_per_month: 100}}
tier: ${ user.claims.tier }
when_store_fails: deny
"""
INTENT = "intent: ask\nlimits: {requests_per_minute: 6, concurrency: 3, key: [user.id]}\noutput: 1\n"


def limits(folder: Path, *policies: str, intent: str = INTENT, gateway: str = "") -> Limits:
    entry = f"gateway: scenario\nspecs: [specs]\npolicies: [policies]\nidentity: [{{scenario: {{}}}}]\n{gateway}"
    made = prepare(folder, {"gateway.yaml": entry, "specs/all.yaml": intent, "policies/a.yaml": "---\n".join(policies)}, {})
    assert not [problem for problem in made.problems if problem.severity == "error"]
    assert made.plan.limits is not None
    return made.plan.limits


def only(made: Limits) -> Limiter:
    assert made.limiter is not None
    return made.limiter


def capacities(allowances: tuple[Allowance, ...]) -> list[tuple[float, float, float]]:
    return [(allowance.units, allowance.window, allowance.capacity) for allowance in allowances]


def test_tiers_are_allowances_and_the_burst_is_that_of_the_shortest_window(tmp_path: Path) -> None:
    tiers = only(limits(tmp_path, POLICY)).tiers
    assert {name: capacities(allowances) for name, allowances in tiers.items()} == {
        "default": [(60, 60, 10)],
        "several": [(0.5, 1, 5), (100, HOUR, 100), (1000, DAY, 1000)],
        "whole": [(100, HOUR, 100)],
        "free": [],
    }
    assert tiers["several"][1].place == "policies/a.yaml:4"
    assert {allowance.store_fails for allowance in only(limits(tmp_path, POLICY)).allowances} == {"deny"}


def test_documents_make_up_one_policy_and_every_budget_has_a_name_of_its_own(tmp_path: Path) -> None:
    more = "policy: rate_limits\nrate_limits: {other: {requests_per_minute: 6}}\nkey: [user.id]\nquotas: {hour: {requests_per_hour: 1}}\n"
    made = limits(tmp_path, POLICY, more)
    budgets = [allowance.budget for allowance in (*only(made).allowances, *made.of_intents["ask"].allowances)]
    assert len(budgets) == len(set(budgets)) == 10
    assert set(only(made).tiers) == {"default", "several", "whole", "free", "other"}
    assert (len(only(made).key or ()), only(made).tier.source) == (1, "${ user.claims.tier }")
    assert {allowance.store_fails for allowance in only(made).allowances} == {"deny"}


def test_quotas(tmp_path: Path) -> None:
    day, month = only(limits(tmp_path, POLICY)).quotas
    assert [(each.allowance.name, each.allowance.units, each.allowance.period) for each in (day, month)] == [
        ("tenant_day", 5, "day"), ("month", 100, "month")
    ]  # fmt: skip
    assert (len(day.key or ()), month.key) == (1, None)


@pytest.mark.parametrize(
    ("cost", "after"), [("'5'", False), ("length(user.roles)", False), ("output.tokens", True), ("if(error, `0`, `1`)", True)]
)
def test_a_cost_that_reads_the_answer_is_known_after_it(tmp_path: Path, cost: str, after: bool) -> None:
    made = only(limits(tmp_path, f"{POLICY}cost: {cost}\n"))
    assert made.cost_after is after


@pytest.mark.parametrize(
    ("tiers", "fallback"),
    [
        ("{default: {requests_per_hour: 9}, slow: {requests_per_hour: 1}}", "default"),
        ("{a: {requests_per_hour: 100}, slow: {requests_per_minute: 1}}", "slow"),
        ("{free: {}, a: {requests_per_hour: 100}}", "a"),
    ],
)
def test_who_is_told_to_be_in_no_tier_that_is_there(tmp_path: Path, tiers: str, fallback: str) -> None:
    assert only(limits(tmp_path, f"policy: rate_limits\nrate_limits: {tiers}\ntier: ${{ user.claims.tier }}\n")).fallback == fallback


def test_tenants_have_tiers_of_their_own(tmp_path: Path) -> None:
    made = limits(tmp_path, POLICY, gateway="tenants: {id: user.id, known: {acme: {rate_limits: whole}, other: {}}}\n")
    assert dict(only(made).tenant_tiers) == {"acme": "whole"}


def test_an_intents_own(tmp_path: Path) -> None:
    own = limits(tmp_path, POLICY).of_intents["ask"]
    assert capacities(own.allowances) == [(6, 60, 6)]
    assert (own.concurrency, len(own.key or ()), own.place) == (3, 1, "specs/all.yaml:2")
    assert limits(tmp_path, POLICY, intent="intent: ask\noutput: 1\n").of_intents == {}
