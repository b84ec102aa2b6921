from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.limiter import MOST_COST, Quota
from gateway.sdk import Answer, ExpressionFault, Forbidden, Scope
from gateway.sdk.allowance import DAY, Allowance
from tests.policies.exchanges import identified, make_caller
from tests.policies.limits_made import Reads, limiter, rate

DAILY = Allowance("limits//day", "day", 5, DAY, 5, "day")


def broken(_: Scope) -> Any:
    raise ExpressionFault


@pytest.mark.parametrize(
    ("given", "counted"),
    [(0, 0), (2.5, 2.5), (MOST_COST, MOST_COST), (MOST_COST * 2, 1), (-1, 1), (True, 1), ("5", 1), (None, 1), (float("nan"), 1)],
)
def test_a_cost_is_a_number_or_one(given: Any, counted: float) -> None:
    assert limiter(cost=Reads(lambda _: given)).cost_of({}) == counted


def test_a_cost_that_cant_be_evaluated_is_one() -> None:
    assert limiter(cost=Reads(broken)).cost_of({}) == 1.0


def test_a_cost_reads_the_answer_and_what_a_refused_request_never_had() -> None:
    cost = Reads(lambda scope: len(scope["output"] or ()) + len(scope["steps"]) + (scope["error"] is not None))
    assert limiter(cost=cost).cost_of_answer({"steps": {"a": 1}}, Answer("complete", data=[1, 2])) == 3
    assert limiter(cost=cost).cost_of_answer({}, Answer("denied", error=Forbidden())) == 1


def test_a_bill_names_each_allowance_of_the_tier_and_each_quota() -> None:
    shop = Quota(DAILY, (Reads(lambda scope: scope["tenant"]["id"]),))
    two = limiter(tiers={"default": (rate("a"), rate("b"))}, quotas=(shop, Quota(DAILY, None)), cost=Reads(lambda _: 3))
    exchange = identified(make_caller())
    charges = two.charges(exchange, exchange.scope or {})
    ada = ("default", ("api_key", "", "u1"))
    assert [(charge.owner, charge.allowance.name, charge.cost) for charge in charges] == [
        (ada, "a", 3.0), (ada, "b", 3.0), (("default",), "day", 3.0), (ada, "day", 3.0)
    ]  # fmt: skip
    assert [allowance.name for allowance in two.allowances] == ["a", "b", "day", "day"]
