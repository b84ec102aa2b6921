from __future__ import annotations

from gateway.expressions.limits import fresh
from gateway.expressions.template_part import Part, choice, literal, mapping, sequence, text

READING = Part(lambda: lambda scope, _: scope["x"], frozenset({("x",)}))


def test_what_is_plain_is_put_together_at_load() -> None:
    built = mapping({"a": literal(1), "b": sequence([literal(2), literal(None)])})
    assert built.plain
    assert built.value == {"a": 1, "b": [2, None]}
    run = built.make()
    assert run({}, fresh()) is run({}, fresh())


def test_what_reads_is_built_anew() -> None:
    built = mapping({"a": literal([1]), "b": READING})
    assert not built.plain
    assert built.references == {("x",)}
    run = built.make()
    first, second = run({"x": 1}, fresh()), run({"x": 2}, fresh())
    assert (first, second) == ({"a": [1], "b": 1}, {"a": [1], "b": 2})


def test_references_are_of_all_parts() -> None:
    other = Part(lambda: lambda scope, _: scope["y"], frozenset({("y", "z")}))
    assert choice(READING, other, literal(None)).references == {("x",), ("y", "z")}
    assert text(["a", READING, other]).references == {("x",), ("y", "z")}


def test_text_pays_for_its_length() -> None:
    budget = fresh()
    before = budget[0]
    assert text(["ab", READING]).make()({"x": "cd"}, budget) == "abcd"
    assert budget[0] == before - 4
