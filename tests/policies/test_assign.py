"""Roles given by condition: one pass over what the caller came with."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import compile_expression
from gateway.policies.assign import component
from gateway.sdk import Answer, Assignment, Caller, Exchange, ExpressionFault, Scope
from tests.policies.exchanges import FakeServices, identified, make_caller, make_exchange, pass_on

ROOTS = frozenset({"user", "tenant", "ctx", "config"})


def given(when: str, *roles: str) -> Assignment:
    compiled, faults = compile_expression(when, roots=ROOTS, authorisation=True)
    assert not faults
    assert not isinstance(compiled, type(None))
    return Assignment(roles, compiled, "policies/roles.yaml:9")


async def assigned(caller: Caller, *assignments: Assignment, **members: Any) -> Exchange:
    assert component.build is not None
    exchange = identified(caller, **members)
    await component.build(component.Config(assignments=assignments), FakeServices())(exchange, pass_on)
    return exchange


def roles(exchange: Exchange) -> list[str]:
    assert exchange.caller is not None
    assert exchange.scope is not None
    assert exchange.scope["user"] is exchange.caller.user
    return exchange.caller.roles


def finance(*groups: str) -> Caller:
    caller = make_caller("customer")
    return Caller(caller.key, {**caller.user, "groups": list(groups), "region": None}, tenant="acme")


async def test_a_true_condition_gives_its_roles_once() -> None:
    rule = given("contains(user.groups, 'Finance')", "billing", "customer")
    exchange = await assigned(finance("Finance"), rule, given("tenant.id == 'default'", "billing", "local"))
    assert roles(exchange) == ["customer", "billing", "local"]
    assert exchange.caller is not None
    assert (exchange.caller.key, exchange.caller.tenant) == (("api_key", "", "u1"), "acme")


@pytest.mark.parametrize(
    "when", ["contains(user.groups, 'Finance')", "user.region == user.id", "!(user.region == user.id)", "user.id == 'u2'", "ctx.host"]
)
async def test_false_and_unknown_give_nothing(when: str) -> None:
    caller = finance("Sales")
    exchange = await assigned(caller, given(when, "billing"))
    assert exchange.caller is caller


async def test_a_condition_that_fails_gives_nothing() -> None:
    class Failing:
        references: frozenset[Any] = frozenset()
        constant = False
        source = ""

        def __call__(self, scope: Scope, /) -> Any:
            raise ExpressionFault

    assert roles(await assigned(finance(), Assignment(("billing",), Failing(), "a:1"))) == ["customer"]


async def test_none_depends_on_another() -> None:
    chain = [given("contains(user.roles, 'a')", "b"), given("contains(user.roles, 'customer')", "a")]
    assert roles(await assigned(make_caller("customer"), *chain)) == ["customer", "a"]
    assert roles(await assigned(make_caller("customer"), *reversed(chain))) == ["customer", "a"]


async def test_what_a_credential_stands_for_stays_as_it_is() -> None:
    caller = finance("Finance")
    before = list(caller.roles)
    await assigned(caller, given("contains(user.groups, 'Finance')", "billing"))
    assert caller.roles == before


async def test_callers_without_a_credential_may_be_given_roles_too() -> None:
    caller = make_caller("anonymous", anonymous=True)
    exchange = await assigned(caller, given("ctx.channel == 'kiosk'", "visitor"), channel="kiosk")
    assert roles(exchange) == ["anonymous", "visitor"]
    assert exchange.caller is not None
    assert exchange.caller.anonymous


def test_it_is_off_where_nothing_assigns() -> None:
    assert component.build is not None
    assert component.build(component.Config(), FakeServices()) is None


async def test_it_comes_behind_identification() -> None:
    assert component.build is not None
    stage = component.build(component.Config(assignments=(given("user.id", "a"),)), FakeServices())

    async def never(_: Exchange) -> Answer:
        raise AssertionError

    with pytest.raises(RuntimeError):
        await stage(make_exchange(), never)
