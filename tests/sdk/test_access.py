from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import compile_expression
from gateway.sdk import EVERYBODY, Access, Caller, Decision, ExpressionFault, Forbidden, Rule, Scope, Unauthorized, user_root, verdict


def caller(**user: Any) -> Caller:
    return Caller(("test", "", "u1"), user_root("u1", user))


def when(text: str) -> Any:
    compiled, faults = compile_expression(text, roots=frozenset({"user"}), authorisation=True)
    assert faults == []
    return compiled


@pytest.mark.parametrize(
    ("access", "user", "permitted"),
    [
        (Access(frozenset()), {"roles": ["a"]}, False),
        (Access(frozenset({"a"})), {}, False),
        (Access(frozenset({"a"})), {"roles": ["b", "a"]}, True),
        (Access(frozenset({"a"}), frozenset({"x", "y"})), {"roles": ["a"], "scopes": ["x"]}, False),
        (Access(frozenset({"a"}), frozenset({"x", "y"})), {"roles": ["a"], "scopes": ["y", "x", "z"]}, True),
        (Access(frozenset({"a"}), when=when("user.level == user.needed")), {"roles": ["a"], "level": 1, "needed": 1}, True),
        (Access(frozenset({"a"}), when=when("user.level == user.needed")), {"roles": ["a"], "level": 1, "needed": 2}, False),
        (Access(frozenset({"a"}), when=when("user.level == user.needed")), {"roles": ["a"]}, False),
        (Access(frozenset({"a"}), when=when("user.level > `1` && length(user.roles) > `0`")), {"roles": ["a"], "level": "x"}, False),
    ],
)
def test_every_condition_must_hold(access: Access, user: dict[str, Any], permitted: bool) -> None:
    asking = caller(**user)
    assert access.permits(asking, {"user": asking.user}) is permitted


def test_a_role_is_a_whole_word() -> None:
    assert not Access(frozenset({"administrator"})).permits(caller(roles=["admin"]), {})


ALLOW = Decision(True, "a.yaml:1", "allow")
DENY = Decision(False, "a.yaml:2", "deny", "rule")
NOON = {"ctx": {"time": "2026-11-20T12:00:00+00:00"}}
TWELVE = 1795176000
"""Noon, in seconds since 1970."""


class Told:
    """A condition whose outcome is told; an error is raised."""

    references: frozenset[Any] = frozenset()
    constant = False
    source = "told"

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    def __call__(self, scope: Scope, /) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "scope", "found"),
    [
        (True, {}, True),
        (False, {}, False),
        (None, {}, None),
        ("yes", {}, None),
        (1, {}, None),
        (ExpressionFault(), {}, None),
        (True, None, None),
    ],
)
def test_what_is_no_answer_is_unknown(outcome: Any, scope: Scope | None, found: bool | None) -> None:
    assert verdict(Told(outcome), scope) is found


@pytest.mark.parametrize(
    ("when", "unless", "allows", "denies"),
    [
        (True, False, True, True),
        (True, True, False, False),
        (True, None, False, True),
        (False, False, False, False),
        (False, None, False, False),
        (False, True, False, False),
        (None, False, False, True),
        (None, None, False, True),
        (None, True, False, False),
    ],
)
def test_what_is_unknown_counts_against_the_caller(when: Any, unless: Any, allows: bool, denies: bool) -> None:
    assert Rule(ALLOW, None, Told(when), Told(unless)).applies(caller(), {}) is allows
    assert Rule(DENY, None, Told(when), Told(unless)).applies(caller(), {}) is denies


def test_a_rule_is_for_its_roles() -> None:
    rule = Rule(DENY, frozenset({"a", "b"}))
    assert rule.applies(caller(roles=["x", "b"]), {})
    assert not rule.applies(caller(roles=["x"]), {})
    assert not rule.applies(caller(), {})
    assert (rule.conditional, Rule(DENY, unless=Told(True)).conditional) == (False, True)


@pytest.mark.parametrize(
    ("access", "roles", "decision"),
    [
        (Access(frozenset(), grants={"a": ALLOW}, denied={"b": DENY}), ["a"], ALLOW),
        (Access(frozenset(), grants={"a": ALLOW}, denied={"b": DENY}), ["a", "b"], DENY),
        (Access(frozenset(), grants={"a": ALLOW}, denied={EVERYBODY: DENY}), ["a"], DENY),
        (Access(frozenset(), grants={EVERYBODY: ALLOW}), [], ALLOW),
        (Access(frozenset(), grants={"a": ALLOW}, rules=(Rule(DENY),)), ["a"], DENY),
        (Access(frozenset(), grants={"a": ALLOW}, rules=(Rule(DENY), Rule(ALLOW))), [], DENY),
        (Access(frozenset(), grants={}, rules=(Rule(DENY, when=Told(False)), Rule(ALLOW))), [], ALLOW),
    ],
)
def test_denials_come_first_and_nothing_else_is_allowed(access: Access, roles: list[str], decision: Decision) -> None:
    assert access.decide(caller(roles=roles), {}) is decision


def test_roles_alone_say_who_may_come_and_allow_nobody() -> None:
    assert not Access(frozenset({"a"}), grants={}).permits(caller(roles=["a"]), {})


@pytest.mark.parametrize(
    ("signed_in", "recent"),
    [
        (TWELVE, True),
        (TWELVE - 300, True),
        (TWELVE - 301, False),
        (TWELVE - 299.5, True),
        (TWELVE + 60, True),
        (TWELVE + 61, False),
        (None, False),
        (True, False),
        (str(TWELVE), False),
        (float("nan"), False),
        (float("inf"), False),
        (10**400, False),
        ([TWELVE], False),
    ],
)
def test_how_recently_a_caller_signed_in(signed_in: Any, recent: bool) -> None:
    access = Access(frozenset({"a"}), max_age=300.0)
    assert access.permits(caller(roles=["a"], auth_time=signed_in), NOON) is recent
    assert not access.permits(caller(roles=["a"], auth_time=signed_in), None)


@pytest.mark.parametrize(("acr", "permitted"), [("gold", True), ("silver", True), ("bronze", False), (None, False), (["gold"], False)])
def test_how_strongly_a_caller_signed_in(acr: Any, permitted: bool) -> None:
    assert Access(frozenset({"a"}), acr=("gold", "silver")).permits(caller(roles=["a"], acr=acr), {}) is permitted


@pytest.mark.parametrize(
    ("access", "challenge"),
    [
        (Access(frozenset({"a"}), acr=("gold", "silver")), 'acr_values="gold silver"'),
        (Access(frozenset({"a"}), max_age=300.9), 'max_age="300"'),
        (Access(frozenset({"a"}), acr=("gold",), max_age=0.0), 'acr_values="gold", max_age="0"'),
    ],
)
def test_another_sign_in_is_asked_for_with_all_that_it_has_to_meet(access: Access, challenge: str) -> None:
    decision = access.decide(caller(roles=["a"]), NOON)
    error = decision.error(caller(roles=["a"]))
    assert isinstance(error, Unauthorized)
    assert error.challenges == (f'Bearer error="insufficient_user_authentication", {challenge}',)
    assert (error.detail_code, decision.cause) == ("insufficient_user_authentication", "sign_in")


def test_another_sign_in_is_not_asked_for_where_it_would_not_help() -> None:
    strong = Access(frozenset({"a"}), frozenset({"x"}), acr=("gold",))
    for asking in (caller(), caller(roles=["a"])):
        assert isinstance(strong.decide(asking, {}).error(asking), Forbidden)


def test_who_has_not_said_who_they_are_is_asked_to() -> None:
    nobody = Caller(("anonymous", "", ""), user_root(None, {"roles": ["a"]}), anonymous=True)
    error = Access(frozenset({"a"}), acr=("gold",)).decide(nobody, {}).error(nobody)
    assert isinstance(error, Unauthorized)
    assert error.challenges == ()


@pytest.mark.parametrize(
    ("access", "cause", "rule"),
    [
        (Access(frozenset()), "role", None),
        (Access(frozenset({"a"}), frozenset({"x"}), lines={"scopes": "b.yaml:3"}), "scope", "b.yaml:3"),
        (Access(frozenset({"a"}), when=Told(False), lines={"when": "b.yaml:4"}), "condition", "b.yaml:4"),
        (Access(frozenset({"a"}), acr=("gold",), lines={"acr": "b.yaml:5"}), "sign_in", "b.yaml:5"),
    ],
)
def test_what_stands_against_it_is_told_with_its_line(access: Access, cause: str, rule: str | None) -> None:
    decision = access.decide(caller(roles=["a"]), NOON)
    assert (decision.allowed, decision.cause, decision.rule) == (False, cause, rule)
    assert decision.told == {"allowed": False, "rule": rule, "reason": decision.reason}
