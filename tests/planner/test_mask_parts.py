"""Which parts of a value rules are about, by its shape: large, without end, open, and not what it was said to be."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions.field_patterns import NOWHERE, FieldPatterns
from gateway.expressions.marked_shape import is_mark, marked
from gateway.expressions.shape import ANY, Label, Shape, labelled, merged, united
from gateway.planner.mask_parts import everything, hidden_parts
from gateway.runtime.hiding import NO_RULES, Hidden
from gateway.runtime.masking import Rules
from tests.expressions.inferring import lists, objects, shape_of

PII = {"type": "string", "classification": "pii"}
HR = {"type": "number", "classification": "hr"}
EVERY: Rules = frozenset({0, 1, 2})
PATTERNS = FieldPatterns(["*.iban"])


def rules_of(labels: frozenset[Label]) -> Rules:
    found = NO_RULES
    for label in labels:
        found |= (
            frozenset({2})
            if is_mark(label.classification)
            else {"pii": frozenset({0}), "hr": frozenset({1})}.get(label.classification, NO_RULES)
        )
    return found


def parts(schema: Any) -> Hidden | None:
    return hidden_parts(schema if isinstance(schema, Shape) else shape_of(schema), rules_of, EVERY, set())


def told(hidden: Hidden | None, depth: int = 4) -> Any:
    """Rules by member; None where nothing is hidden."""
    if hidden is None or depth == 0:
        return None
    found: dict[str, Any] = {name: told(member, depth - 1) for name, member in hidden.members.items()}
    if hidden.items is not None and hidden.items.items is not hidden.items:
        found["[]"] = told(hidden.items, depth - 1)
    return {"": sorted(hidden.rules), **found}


@pytest.mark.parametrize(
    "schema",
    [{"type": "string"}, objects(a="string", b=lists("number")), {}, {"type": "object"}, {"type": "string", "classification": "internal"}],
)
def test_where_no_rule_is_about_anything_there_is_nothing(schema: Any) -> None:
    assert parts(schema) is None


def test_members_and_items_by_name() -> None:
    found = parts(objects("name rows", name=PII, city="string", rows=lists(objects("pay", pay=HR, kind="string"))))
    assert told(found) == {
        "": [0, 1],
        "name": {"": [0]},
        "city": None,
        "rows": {"": [1], "[]": {"": [1], "pay": {"": [1]}, "kind": None}},
    }


def test_a_value_of_another_kind_is_hidden_like_all_that_may_be_in_it() -> None:
    found = parts(objects("name", name=PII, rows=lists(HR)))
    assert found is not None
    assert found.rules == {0, 1}
    assert found.items is not None
    assert found.items.rules == {0, 1}
    name = found.members["name"]
    assert name is not None
    assert name.rest is not None
    assert name.rest.rules == {0}
    assert found.rest is not None
    assert found.rest.rest is found.rest


def test_what_a_list_of_members_lacks_is_of_the_class_of_the_object() -> None:
    found = parts({"type": "object", "classification": "pii", "properties": {"id": {"type": "string", "classification": "public"}}})
    assert found is not None
    assert found.members["id"] is None
    assert found.rest is not None
    assert found.rest.rules == {0}


def test_data_without_a_schema_is_of_one_class_throughout() -> None:
    found = parts(labelled(ANY, frozenset({Label("pii", "x")})))
    assert found is not None
    assert found.rules == {0}
    assert found.rest is found
    assert found.items is found
    assert found.names == NO_RULES


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ({"type": "object", "classification": "pii", "additionalProperties": {"type": "string"}}, {0}),
        ({"type": "object", "additionalProperties": {"type": "string", "classification": "pii"}}, NO_RULES),
        (objects("a", a=PII), NO_RULES),
    ],
)
def test_names_that_come_with_the_data_are_of_its_class(schema: Any, names: Rules) -> None:
    found = parts(schema)
    assert found is not None
    assert found.names == names


def test_one_of_several_may_have_names_that_are_data() -> None:
    found = parts(
        united([shape_of({"type": "object", "classification": "pii", "additionalProperties": {}}), shape_of(objects(a="string"))])
    )
    assert found is not None
    assert found.names == {0}


def test_a_shape_that_contains_itself_becomes_parts_that_do() -> None:
    schema = {"$ref": "#/$defs/node", "$defs": {"node": objects("name next", name=PII, next={"$ref": "#/$defs/node"})}}
    found = parts(schema)
    for _ in range(50):
        assert found is not None
        assert told(found.members["name"]) == {"": [0]}
        found = found.members["next"]


def test_of_what_is_too_large_everything_is_hidden() -> None:
    schema = objects(
        **{f"m{number}": objects(**{f"n{inner}": objects(x="string") for inner in range(110)}) for number in range(100)}, last=PII
    )
    found = parts(schema)
    assert found is not None
    assert (found.rules, found.rest) == (EVERY, found)


def test_names_are_collected() -> None:
    names: set[str] = set()
    hidden_parts(shape_of(objects(a=objects(b="string"))), rules_of, EVERY, names)
    assert names == {"a", "b"}


def test_patterns_lead_on_only_to_where_names_aren_t_known() -> None:
    closed = parts(marked(shape_of(objects(iban="string", deep=objects(x="string"))), PATTERNS, PATTERNS.start))
    assert closed is not None
    assert told(closed) == {"": [2], "iban": {"": [2]}, "deep": None}
    assert closed.state == NOWHERE
    anything = parts(marked(ANY, PATTERNS, PATTERNS.start))
    assert anything is not None
    assert anything.state == PATTERNS.start
    listed = parts(marked(shape_of({"type": "object", "properties": {"x": {"type": "string"}}}), PATTERNS, PATTERNS.start))
    assert listed is not None
    assert listed.state == PATTERNS.start
    assert listed.members["x"] is None


def test_what_is_several_at_once_has_the_rules_of_all() -> None:
    found = parts(merged(shape_of(objects("a", a=PII)), shape_of({"type": "object", "properties": {"a": HR}})))
    assert told(found)["a"][""] == [0, 1]


def test_everything_is_itself_its_every_part() -> None:
    found = everything(frozenset({1}))
    assert found.rest is found.items is found
