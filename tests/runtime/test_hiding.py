"""The walk over a value: what is known of it by name, what isn't, and what is not as it was said to be."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions.field_patterns import NOWHERE, FieldPatterns
from gateway.runtime.hiding import NO_RULES, Hidden, Walk
from gateway.runtime.masking import Masks, Rules
from gateway.runtime.masks import token
from tests.runtime.masked import KEY, masks, rule

FIRST: Rules = frozenset({0})
SECOND: Rules = frozenset({1})
PATTERNS = FieldPatterns(["*.iban"])


def hidden(
    rules: Rules = NO_RULES, *, names: Rules = NO_RULES, rest: Hidden | None = None, items: Hidden | None = None, **members: Any
) -> Hidden:
    made = Hidden(rules)
    made.members, made.rest, made.items, made.names = members, rest, items, names
    return made


def show(value: Any, what: Hidden, made: Masks | None = None) -> Any:
    return Walk(what, "data", PATTERNS, (SECOND,)).show(value, made or masks(rule("remove"), rule("last4")))


def test_named_members_are_hidden_and_others_are_not() -> None:
    what = hidden(name=hidden(FIRST), city=None)
    assert show({"name": "Ann", "city": "Bonn", "zip": "53"}, what) == {"name": None, "city": "Bonn", "zip": "53"}


def test_the_value_itself_is_not_changed() -> None:
    value = {"name": "Ann", "rows": [{"name": "Bob"}]}
    show(value, hidden(name=hidden(FIRST), rows=hidden(items=hidden(name=hidden(FIRST)))))
    assert value == {"name": "Ann", "rows": [{"name": "Bob"}]}


def test_lists_and_what_has_no_name() -> None:
    what = hidden(rows=hidden(items=hidden(name=hidden(FIRST))), rest=hidden(FIRST))
    value = {"rows": [{"name": "Ann", "x": 1}, None, {}], "further": "x", "none": None}
    assert show(value, what) == {"rows": [{"name": None, "x": 1}, None, {}], "further": None, "none": None}


def test_a_part_may_lead_back_to_itself() -> None:
    node = hidden(name=hidden(FIRST))
    node.members = {**node.members, "children": hidden(items=node)}
    tree = {"name": "a", "children": [{"name": "b", "children": []}, {"name": "c"}]}
    assert show(tree, node) == {"name": None, "children": [{"name": None, "children": []}, {"name": None}]}


def test_patterns_lead_on_to_members_that_nobody_declared() -> None:
    what = hidden(id=None)
    what.state = PATTERNS.start
    value = {"id": 1, "deep": {"rows": [{"iban": "DE89370400440532013000", "x": 1}]}, "iban": {"of": "DE89370400440532013000"}}
    assert show(value, what) == {
        "id": 1,
        "deep": {"rows": [{"iban": "******************3000", "x": 1}]},
        "iban": {"of": "******************3000"},
    }


def test_a_known_part_below_an_unknown_one_keeps_its_own_rules() -> None:
    what = hidden(rest=hidden(name=hidden(FIRST), iban=None))
    what.state = PATTERNS.start
    assert show({"any": {"name": "Ann", "iban": "12345678"}}, what) == {"any": {"name": None, "iban": "****5678"}}


def test_names_that_are_personal_themselves() -> None:
    what = hidden(known=None, names=SECOND, rest=hidden(SECOND))
    value = {"ann@example.org": "12345678", "known": "12345678"}
    assert show(value, what) == {token("ann@example.org", KEY, "acme"): "****5678", "known": "12345678"}
    assert show(value, hidden(known=None, names=FIRST, rest=hidden(FIRST))) == {"known": "12345678"}
    assert show(value, what, masks(rule("remove"), rule("last4"), held=frozenset())) == value


def test_no_name_that_comes_with_the_data_is_told() -> None:
    made = masks(rule("remove"))
    show(
        {"ann@example.org": {"mail": "x"}, "known": [["x"]]},
        hidden(known=hidden(items=hidden(items=hidden(FIRST))), rest=hidden(mail=hidden(FIRST))),
        made,
    )
    assert made.paths == {"data.*.mail", "data.known[][]"}


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [1], {"a": [{"b": None}]}])
def test_where_no_rule_is_about_anything_all_stays(value: Any) -> None:
    assert show(value, hidden()) == value
    assert Hidden().state == NOWHERE
