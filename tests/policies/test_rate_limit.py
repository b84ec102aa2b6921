"""Policies `rate_limits` as a whole gateway applies them, in memory."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.policies.limits import Limits
from gateway.policies.rate_limit import RateLimit
from gateway.sdk import Answer, Exchange, RateLimited, Unavailable
from gateway.testing.scenario import Scenario, scenario
from tests.policies.exchanges import FakeServices, identified, make_caller, make_exchange
from tests.policies.limits_made import SharedStore, limiter, rate
from tests.policies.stopped_clock import StoppedClock

ROLES = "---\npolicy: roles\nroles: {anonymous: {allow: ['intent:*']}, customer: {allow: ['intent:*']}, guest: {}}\n"
SPECS = """source: shop
type: fake
operations: {order: {}}
---
intent: ask
input: {type: object, properties: {x: {type: integer}}}
steps: {order: {call: shop.order, with: {x: '${ input.x }'}}}
output: ${ steps.order }
"""
ADA = {"id": "ada", "roles": ["customer"]}
BOB = {"id": "bob", "roles": ["customer"]}


class Limited:
    """A gateway with a policy; `ask` tells how a request ended: None, or the error."""

    def __init__(self, gateway: Scenario, clock: StoppedClock) -> None:
        self.gateway = gateway
        self.clock = clock

    async def ask(self, user: dict[str, Any] | None = ADA, given: dict[str, Any] | None = None, **more: Any) -> Any:
        exchange = self.exchange(user, given, **more)
        return (await self.gateway.plan.handler(exchange)).error

    def exchange(self, user: dict[str, Any] | None = ADA, given: dict[str, Any] | None = None, **more: Any) -> Exchange:
        exchange = self.gateway.exchange("ask", given or {"x": 1}, user=user)
        for name, value in more.items():
            setattr(exchange, name, value)
        return exchange

    async def admitted(self, times: int, user: dict[str, Any] | None = ADA, **more: Any) -> int:
        return [await self.ask(user, **more) for _ in range(times)].count(None)


Start = Callable[..., Awaitable[Limited]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def begin(policy: str, gateway: str = "", answer: Any = None) -> Limited:
            entry = f"gateway: scenario\nspecs: [specs]\npolicies: [policies]\nidentity: [{{scenario: {{}}}}]\n{gateway}"
            files = {"gateway.yaml": entry, "specs/all.yaml": SPECS, "policies/limits.yaml": policy + ROLES}
            clock = StoppedClock()
            return Limited(await stack.enter_async_context(scenario(tmp_path, files, {"shop.order": answer}, clock=clock)), clock)

        yield begin


def tiers(more: str = "", **rates: str) -> str:
    rates = rates or {"default": "{requests_per_minute: 60, burst: 10}"}
    return "policy: rate_limits\nrate_limits:\n" + "".join(f"  {name}: {rate}\n" for name, rate in rates.items()) + more


async def test_a_burst_at_once_then_one_a_second(start: Start) -> None:
    limited = await start(tiers())
    assert await limited.admitted(20) == 10
    error = await limited.ask()
    assert (type(error), error.code, error.retry_after) == (RateLimited, "rate_limited", pytest.approx(1.0))
    assert await limited.admitted(20, BOB) == 10
    limited.clock.seconds += 3.0
    assert await limited.admitted(20) == 3


async def test_without_a_policy_nothing_is_limited(start: Start) -> None:
    limited = await start("policy: flags\nflags: {a: {default: 1}}\n")
    assert "rate_limit" not in {name for _, name in limited.gateway.plan.layers}
    exchange = limited.exchange()
    await limited.gateway.plan.handler(exchange)
    assert exchange.allowance is None


async def test_a_limited_request_reaches_no_backend_and_is_told_of(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    limited = await start(tiers(default="{requests_per_hour: 1}"))
    assert await limited.admitted(3) == 1
    assert len(limited.gateway.calls) == 1
    records = [record.fields for record in caplog.records if record.getMessage() == "request"]  # type: ignore[attr-defined]
    assert [record.get("denied_by") for record in records] == [None, "policies/limits.yaml:3", "policies/limits.yaml:3"]
    assert [record["error"] for record in records] == [None, "rate_limited", "rate_limited"]


async def test_several_windows_hold_at_once(start: Start) -> None:
    limited = await start(tiers(default="{requests_per_second: 2, requests_per_minute: 5, burst: 1}"))
    assert await limited.admitted(5) == 1  # the burst is that of the second
    found = 0
    for _ in range(12):
        limited.clock.seconds += 0.5
        found += await limited.admitted(1)
    assert found == 4  # five a minute, however slowly they come
    limited.clock.seconds += 6.0
    assert await limited.admitted(1) == 1


async def test_tiers_by_expression_and_the_tenants_own_before_them(start: Start) -> None:
    policy = tiers(
        "tier: ${ if(user.id, 'known', 'default') }\n",
        default="{requests_per_hour: 1}", known="{requests_per_hour: 2}", premium="{requests_per_hour: 3}",
    )  # fmt: skip
    limited = await start(policy, "tenants: {id: user.tenant, unknown: default, known: {acme: {rate_limits: premium}}}\n")
    acme = {**ADA, "tenant": "acme"}
    assert [await limited.admitted(9, user) for user in (None, ADA, acme, {**BOB, "tenant": "acme"})] == [1, 2, 3, 3]


@pytest.mark.parametrize(
    ("names", "admitted"), [({"default": 2, "other": 1}, 2), ({"slow": 1, "quick": 5}, 1), ({"slow": 1, "free": None}, 1)]
)
async def test_a_tier_that_is_not_written_is_the_default_or_the_slowest(start: Start, names: dict[str, int | None], admitted: int) -> None:
    rates = {name: "{}" if rate is None else f"{{requests_per_hour: {rate}}}" for name, rate in names.items()}
    limited = await start(tiers("tier: ${ user.claims.tier }\n", **rates))
    for number, tier in enumerate([None, "nobody", 5, ["default"]]):
        user = {"id": f"u{number}", "roles": ["customer"], "claims": {"tier": tier}}
        assert await limited.admitted(9, user) == admitted


async def test_an_empty_tier_is_no_limit(start: Start) -> None:
    limited = await start(tiers("tier: free\n", free="{}", default="{requests_per_hour: 1}"))
    assert await limited.admitted(100) == 100


async def test_keys_tell_who_shares_and_a_null_is_a_fault(start: Start) -> None:
    limited = await start(tiers("key: [user.claims.team]\n", default="{requests_per_hour: 2}"))
    red, blue = ({"id": name, "roles": ["customer"], "claims": {"team": team}} for name, team in (("a", "red"), ("b", "blue")))
    assert await limited.admitted(5, red) == 2
    assert await limited.admitted(5, {**red, "id": "c"}) == 0
    assert await limited.admitted(5, blue) == 2
    assert (await limited.ask(ADA)).code == "expression_error"


async def test_anonymous_callers_are_told_apart_by_address(start: Start) -> None:
    limited = await start(tiers(default="{requests_per_hour: 2}"))
    assert await limited.admitted(5, None, client_ip="192.0.2.1") == 2
    assert await limited.admitted(5, None, client_ip="192.0.2.2") == 2
    assert await limited.admitted(5, None, client_ip="2001:db8::1") == 2
    assert await limited.admitted(5, None, client_ip="2001:db8::2") == 0


async def test_quotas_are_shared_by_their_own_key_and_end_with_the_calendars_day(start: Start) -> None:
    limited = await start(tiers("quotas: {day: {requests_per_day: 15, key: [tenant.id]}}\n"))
    assert await limited.admitted(20, ADA) == 10
    assert await limited.admitted(20, BOB) == 5
    error = await limited.ask(BOB)
    assert error.retry_after == 43_200.0
    limited.clock.seconds += 43_199.0
    assert await limited.admitted(1) == 0
    limited.clock.seconds += 1.0
    assert await limited.admitted(20) == 10
    assert limited.gateway.plan.limits is not None
    usage = await limited.gateway.plan.limits.usage()
    assert [(use.owner, use.allowance.name, use.used, usage.shared) for use in usage.uses] == [(("default",), "day", 10.0, False)]


@pytest.mark.parametrize(
    ("cost", "admitted"), [('"1"', 10), ('"2.5"', 4), ("length(user.roles)", 5), ("user.id", 10), ("div(`1`, `0`)", 10)]
)
async def test_what_a_request_counts(start: Start, cost: str, admitted: int) -> None:
    limited = await start(tiers(f"cost: {cost}\n"))
    assert await limited.admitted(20, {"id": "ada", "roles": ["customer", "guest"]}) == admitted


async def test_what_an_answer_counts_is_known_when_it_is_there(start: Start) -> None:
    limited = await start(tiers("cost: output.tokens\n", default="{requests_per_minute: 60, burst: 10}"), answer={"tokens": 16})
    assert await limited.admitted(3) == 1
    limited.clock.seconds += 6.0
    assert await limited.admitted(3) == 0
    limited.clock.seconds += 1.0
    assert await limited.admitted(3) == 1


async def test_what_an_error_counts_can_be_nothing(start: Start) -> None:
    limited = await start(tiers("cost: if(error, `0`, `1`)\n", default="{requests_per_hour: 2}"), answer=Unavailable)
    errors = [await limited.ask() for _ in range(5)]
    assert [error.code for error in errors] == ["unavailable"] * 5  # a failure of a step
    assert [(await limited.ask(given={"x": "no"})).code for _ in range(5)] == ["invalid_request"] * 5  # one that never got so far


async def test_shadow_counts_and_refuses_nothing(start: Start) -> None:
    limited = await start(tiers("mode: shadow\nkey: [user.claims.team]\n", default="{requests_per_hour: 2}"))
    team = {**ADA, "claims": {"team": "red"}}
    assert await limited.admitted(5, team) == 5
    assert await limited.admitted(1, ADA) == 1  # nor does its null
    exchange = limited.exchange(team)
    await limited.gateway.plan.handler(exchange)
    assert (exchange.allowance, exchange.notes.get("denied_by")) == (None, None)


async def test_several_documents_make_up_one_policy(start: Start) -> None:
    own = tiers("quotas: {hour: {requests_per_hour: 4, key: [tenant.id]}}\n", default="{requests_per_hour: 3}")
    limited = await start(own + "---\n" + tiers("tier: wide\nkey: [user.id]\n", wide="{requests_per_hour: 2}"))
    assert await limited.admitted(9, ADA) == 2
    exchange = limited.exchange(ADA)
    await limited.gateway.plan.handler(exchange)
    assert exchange.notes["denied_by"] == "policies/limits.yaml:8"
    assert await limited.admitted(9, BOB) == 2
    exchange = limited.exchange({**ADA, "id": "eve"})
    await limited.gateway.plan.handler(exchange)
    assert exchange.notes["denied_by"] == "policies/limits.yaml:4"


@pytest.mark.parametrize(("shadow", "mode", "passed"), [(False, "enforce", 10), (True, "shadow", 12)])
async def test_what_is_over_a_limit_is_counted(shadow: bool, mode: str, passed: int) -> None:
    services, made = FakeServices(), limiter(shadow=shadow)
    stage = RateLimit(made, Limits(made, {}, StoppedClock()), services)  # type: ignore[arg-type]
    found = []

    async def proceed(_: Exchange) -> Answer:
        found.append(1)
        return Answer("complete")

    for _ in range(12):
        with suppress(RateLimited):
            await stage(identified(make_caller()), proceed)
    assert len(found) == passed
    assert services.metrics.total("gateway_rate_limited_total", policy="rate_limits", tier="default", mode=mode) == 2


async def test_a_store_that_is_away_refuses_where_it_says_so_and_never_in_shadow() -> None:
    store = SharedStore(StoppedClock())
    store.away = True
    strict = {"default": (rate(store_fails="deny"),)}
    for shadow in (False, True):
        made = limiter(tiers=strict, shadow=shadow)
        stage = RateLimit(made, Limits(made, {}, StoppedClock(), store), FakeServices())  # type: ignore[arg-type]
        exchange = identified(make_caller())

        async def proceed(_: Exchange) -> Answer:
            return Answer("complete")

        if shadow:
            assert (await stage(exchange, proceed)).error is None
        else:
            with pytest.raises(Unavailable) as told:
                await stage(exchange, proceed)
            assert (told.value.retry_after, exchange.notes["denied_by"]) == (1.0, "limits.yaml:default")


async def test_it_needs_a_caller() -> None:
    made = limiter()

    async def proceed(_: Exchange) -> Answer:
        raise AssertionError("not reached")

    with pytest.raises(RuntimeError, match="does not know the caller"):
        await RateLimit(made, Limits(made, {}, StoppedClock()), FakeServices())(make_exchange(), proceed)  # type: ignore[arg-type]
