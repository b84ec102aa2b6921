"""What is read by a name that a pattern has is marked, and stays so whatever is made of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import Expression, Shape, Typing, compile_expression, infer
from gateway.expressions.field_patterns import NOWHERE, FieldPatterns
from gateway.expressions.marked_shape import MarkedRoots, is_mark, mark_of, marked, state_of
from gateway.expressions.shape import ANY, Label, every_label, labelled, list_of, object_of, united
from tests.expressions.inferring import lists, objects, shape_of

BANK = objects(owner=objects(iban="string", name="string"), accounts=lists(objects(iban="string", kind="string")))


def marks(text: str, *patterns: str, **roots: Any) -> set[str]:
    shapes = {name: root if isinstance(root, Shape) else shape_of(root) for name, root in (roots or {"bank": BANK}).items()}
    compiled, faults = compile_expression(text, roots=frozenset(shapes))
    assert isinstance(compiled, Expression), faults
    found = infer(text, compiled.ast, Typing(MarkedRoots(shapes, FieldPatterns(patterns))))
    return {label.classification for label in every_label(found.shape) if is_mark(label.classification)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bank.owner.iban", True),
        ("bank.accounts[*].iban", True),
        ("bank.accounts[0].iban", True),
        ("concat('x', bank.owner.iban)", True),
        ("{x: bank.owner.iban}", True),
        ("to_json(bank)", True),
        ("group_by(bank.accounts, &iban)", True),
        ("bank.accounts | [0]", True),
        ("bank.owner || bank.accounts[0]", True),
        ("merge(bank.owner, {a: `1`})", True),
        ("bank.owner.name", False),
        ("bank.accounts[*].kind", False),
        ("length(bank.accounts)", False),
        ("bank.owner.iban == 'x'", False),
    ],
)
def test_a_mark_travels_like_a_class(text: str, found: bool) -> None:
    assert marks(text, "*.iban", "other") == ({mark_of("*.iban")} if found else set())


def test_data_without_a_schema_is_marked_by_the_names_that_are_read() -> None:
    assert marks("x.a.iban", "*.iban", x=ANY) == {mark_of("*.iban")}
    assert marks("x.a.name", "*.iban", x=ANY) == set()
    assert marks("x.a[].b[0].iban", "*.b.iban", x=ANY) == {mark_of("*.b.iban")}


def test_the_place_of_a_root_counts() -> None:
    assert marks("bank.owner.iban", "bank.owner.iban") == {mark_of("bank.owner.iban")}
    assert marks("bank.owner.iban", "owner.iban") == set()


def test_what_a_pattern_matches_is_marked_with_all_that_is_in_it() -> None:
    patterns = FieldPatterns(["owner"])
    shape = marked(shape_of(BANK), patterns, patterns.start)
    owner = shape.member("owner")
    assert owner is not None
    assert {label.classification for label in every_label(owner)} == {mark_of("owner")}
    assert owner.names == ("iban", "name")


def test_marks_stay_flat() -> None:
    patterns = FieldPatterns(["*.iban"])
    once = marked(shape_of(BANK), patterns, patterns.start)
    again = marked(once, patterns, patterns.start)
    assert again.inside is once.inside
    assert state_of(once.inside) == patterns.start
    assert state_of(shape_of(BANK).inside) == NOWHERE
    assert state_of(labelled(once, frozenset({Label("pii", "x")})).inside) == patterns.start
    assert patterns.start <= state_of(united([once, object_of({"z": ANY})]).inside)


def test_items_and_further_members_are_followed() -> None:
    patterns = FieldPatterns(["*.iban"])
    shape = marked(list_of(shape_of({"type": "object", "additionalProperties": objects(iban="string")})), patterns, patterns.start)
    inner = shape.items.rest.member("iban")
    assert inner is not None
    assert {label.classification for label in inner.labels} == {mark_of("*.iban")}


def test_roots_are_a_mapping() -> None:
    roots = MarkedRoots({"a": ANY, "b": ANY}, FieldPatterns(["a"]))
    assert list(roots) == ["a", "b"]
    assert len(roots) == 2
    assert roots["a"] is roots["a"]
    assert roots["a"].labels == {Label(mark_of("a"), "")}
    assert "c" not in roots
