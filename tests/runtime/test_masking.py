"""Which rules hold for a caller, and that they are chosen once."""

from __future__ import annotations

import pytest

from gateway.expressions import Template, compile_template
from gateway.runtime.masking import CHOSEN, MOST_PATHS, Masking, Rendered, around
from gateway.runtime.masks import token
from gateway.sdk import Scope
from tests.runtime.masked import KEY, Counted, count_of, masks, rule, scope


@pytest.mark.parametrize(
    ("when", "unless", "holds"),
    [
        (None, None, True),
        ("user.id == 'u1'", None, True),
        ("user.id == 'u2'", None, False),
        ("user.id == user.nobody", None, True),
        ("user.nobody > `1`", None, True),
        (None, "user.id == 'u1'", False),
        (None, "user.id == 'u2'", True),
        (None, "user.nobody == user.id", True),
        (None, "user.id > `1`", True),
        (None, "contains(user.roles, 'agent')", False),
        ("contains(user.roles, 'agent')", "contains(user.roles, 'agent')", False),
        ("abs(user.id) == `1`", None, True),
        (None, "abs(user.id) == `1`", True),
    ],
)
def test_what_is_unknown_or_fails_masks(when: str | None, unless: str | None, holds: bool) -> None:
    assert rule("partial", when=when, unless=unless).holds(scope("agent")) is holds


def test_rules_are_chosen_once_for_a_scope_and_what_is_made_of_it() -> None:
    masking = Masking([rule("partial", unless="contains(user.roles, 'agent')"), rule("hash")], KEY)
    first = scope("agent")
    chosen = masking.chosen(first)
    assert chosen.held == {1}
    first["user"] = {"roles": []}
    assert masking.chosen({**first, "output": 1}) is chosen
    assert masking.chosen(scope()).held == {0, 1}


def test_a_masked_value_is_counted_once_for_each_class() -> None:
    rules = rule("last4"), rule("partial"), rule("hash", about="hr")
    made = masks(*rules, held=frozenset({0, 2}))
    assert made.masked("DE89370400440532013000", frozenset({0, 1}), ("data", "iban")) == "******************3000"
    assert made.masked("x", frozenset({1}), ("data", "name")) == "x"
    assert [count_of(each) for each in rules] == [1, 0, 0]
    assert made.paths == {"data.iban"}


def test_paths_are_bounded_and_tell_of_lists() -> None:
    made = masks(rule("remove"))
    made.masked("x", frozenset({0}), ("data", "rows", "[]", "name"))
    assert made.paths == {"data.rows[].name"}
    for number in range(2 * MOST_PATHS):
        made.masked("x", frozenset({0}), (f"m{number}",))
    assert len(made.paths) == MOST_PATHS


def test_a_name_gets_a_token_of_its_tenant() -> None:
    assert masks(rule("partial")).token("ann@example.org") == token("ann@example.org", KEY, "acme")


def rendered(*rules: int) -> Rendered:
    def shout(value: object, _scope: Scope) -> str:
        return f"<{value}>"

    roots = frozenset({"user"})
    plain, _ = compile_template({"id": "${ user.id }"}, roots=roots)
    masked, _ = compile_template({"id": "${ user.id }"}, roots=roots, around={(("id",), 0): shout, (("id",), 2): shout})
    assert isinstance(masked, Template)
    assert plain is not None
    masking = Masking([rule("partial", unless="contains(user.roles, 'agent')"), rule("hash", when="user.id == 'u9'")], KEY)
    return Rendered(plain, masked, masking, frozenset(rules))


def test_a_template_is_masked_for_those_for_whom_one_of_its_rules_holds() -> None:
    assert rendered(0)(scope("customer")) == {"id": "<u1>"}
    assert rendered(0)(scope("agent")) == {"id": "u1"}
    assert rendered(1)(scope("customer")) == {"id": "u1"}
    assert rendered(0, 1)(scope("customer")) == {"id": "<u1>"}


def test_it_is_like_the_template() -> None:
    made = rendered(0)
    assert made.source == {"id": "${ user.id }"}
    assert made.references == {("user", "id")}
    assert made.constant is False


def test_what_goes_round_a_value_knows_the_masks_of_the_scope() -> None:
    made = masks(rule("hash"))
    show = around(lambda value, found: (value, found))
    assert show(1, {CHOSEN: made}) == (1, made)


def test_the_kinds_of_rules() -> None:
    made = masks(rule("hash"), rule("last4"), held=frozenset({1}))
    assert made.kinds(frozenset({0, 1})) == {"last4"}
    assert made.kinds(frozenset({0})) == frozenset()
    assert isinstance(rule("hash").counted, Counted)
