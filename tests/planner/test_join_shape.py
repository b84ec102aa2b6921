from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import Label, SchemaShapes, Shape, schema_of
from gateway.expressions.shape import ANY, INTEGER, TEXT, every_label, labelled, list_of, nullable, object_of
from gateway.planner.join_shape import joined
from gateway.runtime.plan import Join
from gateway.sdk import Compiled, Scope
from tests.planner.folders import compiler_of

PII = Label("pii", "crm: email")
LEFT = object_of({"sku": TEXT, "amount": INTEGER})
RIGHT = object_of({"sku": TEXT, "quantity": INTEGER})
CONTACT = object_of({"sku": TEXT, "email": labelled(TEXT, frozenset({PII}))})
PATH = ("steps", "lines", "join")


class Side:
    references = frozenset[tuple[str | int, ...]]()
    constant = False
    source = ""

    def __call__(self, scope: Scope, /) -> Any:
        return scope


SIDE: Compiled = Side()


def plan(*, merge: bool = False, many: bool = False, inner: bool = False, cast: Any = None, by: tuple[str, str] = ("sku", "sku")) -> Join:
    return Join(
        left=SIDE,
        right=SIDE,
        left_fields=(by[0],),
        right_fields=(by[1],),
        cardinality="many" if many else "one",
        keep_unmatched=not inner,
        attribute=None if merge else "stock",
        cast=cast,
    )


def told(join: Join, left: Shape, right: Shape, by: str = "sku") -> tuple[Shape, list[tuple[str, str | int, str | None]]]:
    text = f"intent: a\nsteps:\n  lines:\n    join: {{left: steps.a, right: steps.b, by: {by}, as: stock, merge: true}}\n"
    compiler = compiler_of(text)
    shape = joined(join, left, right, compiler, PATH)
    return shape, [(each.code, each.path[3], each.hint) for each in compiler.findings.problems]


def rows(join: Join, left: Shape = LEFT, right: Shape = RIGHT) -> Any:
    """The schema of a row's members."""
    shape, problems = told(join, list_of(left), list_of(right))
    assert problems == []
    return schema_of(shape)["items"].get("properties")


@pytest.mark.parametrize(
    ("join", "further"),
    [
        (plan(), {"stock": {"type": ["null", "object"]}}),
        (plan(inner=True), {"stock": {"type": "object"}}),
        (plan(many=True), {"stock": {"type": "array"}}),
        (plan(merge=True), {"quantity": {"type": ["integer", "null"]}}),
        (plan(merge=True, inner=True), {"quantity": {"type": "integer"}}),
    ],
)
def test_a_row_has_its_own_fields_and_what_it_is_given(join: Join, further: dict[str, Any]) -> None:
    found = rows(join)
    assert {name: {"type": schema["type"]} for name, schema in found.items()} == {
        "sku": {"type": "string"},
        "amount": {"type": "integer"},
        **further,
    }


def test_keys_that_are_named_differently_are_both_kept() -> None:
    left = object_of({"article": TEXT})
    shape, problems = told(plan(merge=True, by=("article", "sku")), list_of(left), list_of(RIGHT), "{left: [article], right: [sku]}")
    assert problems == []
    assert shape.items.names == ("article", "sku", "quantity")


@pytest.mark.parametrize(("left", "declared"), [(nullable(list_of(LEFT)), True), (nullable(list_of(LEFT), declared=False), False)])
def test_where_the_left_side_is_null_so_are_the_rows(left: Shape, declared: bool) -> None:
    shape, problems = told(plan(), left, nullable(list_of(RIGHT)))
    assert (set(shape.kinds), shape.declared, problems) == ({"array", "null"}, declared, [])


def test_null_rows_are_left_out() -> None:
    shape, problems = told(plan(), list_of(nullable(LEFT)), list_of(nullable(RIGHT)))
    assert (set(shape.items.kinds), problems) == ({"object"}, [])


def test_of_rows_that_are_not_known_only_what_they_are_given_is() -> None:
    shape, problems = told(plan(), ANY, list_of(RIGHT))
    assert problems == []
    assert shape.items.names == ("stock",)
    assert shape.items.open
    shape, _ = told(plan(merge=True), list_of(LEFT), ANY)
    assert (set(shape.items.kinds), shape.items.names, shape.items.open) == ({"object"}, (), True)


def listed(schema: Any) -> Shape:
    """As backends declare their answers: they may send more than is listed."""
    return list_of(SchemaShapes({"type": "object", **schema}, default=frozenset({PII})).whole())


UNLISTED = listed({"properties": {"sku": {"type": "string", "classification": "public"}}})


@pytest.mark.parametrize(
    ("join", "left", "right", "member"),
    [
        (plan(), list_of(LEFT), list_of(CONTACT), "stock"),
        (plan(many=True), list_of(LEFT), list_of(CONTACT), "stock"),
        (plan(merge=True), list_of(LEFT), list_of(CONTACT), "email"),
        (plan(), ANY, list_of(CONTACT), "stock"),
        (plan(), labelled(ANY, frozenset({PII})), list_of(RIGHT), "email"),
        (plan(merge=True), ANY, list_of(CONTACT), "email"),
        (plan(merge=True), list_of(LEFT), labelled(ANY, frozenset({PII})), "email"),
        (plan(merge=True), list_of(CONTACT), ANY, "email"),
    ],
)
def test_no_class_gets_lost(join: Join, left: Shape, right: Shape, member: str) -> None:
    shape, _ = told(join, left, right)
    found = shape.items.member(member)
    assert found is not None
    assert PII in every_label(found)


@pytest.mark.parametrize(("left", "right"), [(UNLISTED, list_of(RIGHT)), (list_of(object_of({"sku": TEXT})), UNLISTED)])
def test_fields_that_no_list_names_keep_their_class_in_a_merged_row(left: Shape, right: Shape) -> None:
    shape, _ = told(plan(merge=True), left, right)
    assert PII in shape.items.labels
    assert "additionalProperties" not in schema_of(shape)["items"]


def test_other_fields_are_of_no_class_for_it() -> None:
    shape, _ = told(plan(merge=True), list_of(LEFT), list_of(CONTACT))
    amount = shape.items.member("amount")
    assert amount is not None
    assert amount.labels == frozenset()


TEXT_KEYS, NUMBER_KEYS = list_of(object_of({"sku": TEXT})), list_of(object_of({"sku": INTEGER, "n": TEXT}))


@pytest.mark.parametrize(
    ("join", "left", "right", "problem"),
    [
        (plan(), TEXT, list_of(RIGHT), ("GW261", "left", "take the field that holds it")),
        (plan(), list_of(LEFT), RIGHT, ("GW261", "right", "take the field that holds it")),
        (plan(), list_of(list_of(LEFT)), list_of(RIGHT), ("GW261", "left", "end it with `[]` to make one list of all")),
        (plan(), list_of(LEFT), list_of(TEXT), ("GW261", "right", None)),
        (plan(by=("skuu", "sku")), list_of(LEFT), list_of(RIGHT), ("GW226", "by", "did you mean `sku`?")),
        (plan(), TEXT_KEYS, NUMBER_KEYS, ("GW268", "by", "add `cast: string`")),
        (plan(), list_of(object_of({"sku": LEFT})), NUMBER_KEYS, ("GW268", "by", None)),
        (plan(), list_of(object_of({"sku": TEXT, "stock": TEXT})), list_of(RIGHT), ("GW236", "as", "give `as` another name")),
        (plan(merge=True), list_of(LEFT), list_of(LEFT), ("GW236", "merge", "use `as`, or reshape one side first")),
    ],
)
def test_what_is_wrong_with_a_join(join: Join, left: Shape, right: Shape, problem: tuple[str, str, str | None]) -> None:
    assert told(join, left, right, join.left_fields[0])[1] == [problem]


@pytest.mark.parametrize(
    ("join", "left", "right"),
    [
        (plan(cast="string"), TEXT_KEYS, NUMBER_KEYS),
        (plan(), nullable(TEXT_KEYS), list_of(object_of({"sku": nullable(TEXT)}))),
        (plan(), ANY, list_of(RIGHT)),
        (plan(), list_of(ANY), list_of(ANY)),
        (plan(merge=True), list_of(LEFT), list_of(RIGHT)),
    ],
)
def test_what_is_not(join: Join, left: Shape, right: Shape) -> None:
    assert told(join, left, right)[1] == []


@pytest.mark.parametrize(("by", "line_of"), [("skuu", ("by",)), ("[skuu]", ("by", 0)), ("{left: [skuu], right: [sku]}", ("by", "left", 0))])
def test_a_key_is_told_where_it_is_written(by: str, line_of: tuple[str | int, ...]) -> None:
    text = f"intent: a\nsteps:\n  lines:\n    join: {{left: steps.a, right: steps.b, by: {by}, as: stock}}\n"
    compiler = compiler_of(text)
    joined(plan(by=("skuu", "sku")), list_of(LEFT), list_of(RIGHT), compiler, PATH)
    [problem] = compiler.findings.problems
    assert (problem.path, problem.message) == ((*PATH, *line_of), "unknown field `skuu` of `steps.a`")
