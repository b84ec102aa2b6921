from __future__ import annotations

from gateway.planner.compiler import Broken
from gateway.sdk import Place
from tests.planner.folders import compiler_of

TEXT = """
intent: ask
guard: [{check: "input.id == user.id"}]
output: {a: "x ${ input.a } ${ input.a.b }", b: ["${ inptu.x }", "${ input.c }"], c: {$if: input.d, $then: 1}}
"""
ROOTS = frozenset({"input", "user"})


def test_expressions_are_remembered_with_their_places() -> None:
    compiler = compiler_of(TEXT)
    compiled = compiler.expression("input.id == user.id", ("guard", 0, "check"), ROOTS, authorisation=True)
    assert compiled({"input": {"id": "1"}, "user": {"id": "1"}}) is True
    (use,) = compiler.uses
    assert use.places(("user", "id"), compiler.document) == [Place("specs/a.yaml", 2, 35, 37)]
    assert compiler.findings.problems == []


def test_each_leaf_of_a_template_is_remembered() -> None:
    compiler = compiler_of(TEXT)
    compiler.template(compiler.document.data["output"]["a"], ("output", "a"), ROOTS)
    first, second = compiler.uses
    assert first.places(("input", "a"), compiler.document) == [Place("specs/a.yaml", 3, 25, 26)]
    assert second.places(("input", "a", "b"), compiler.document) == [Place("specs/a.yaml", 3, 40, 41)]
    assert second.places(("input", "not", "read"), compiler.document) == [Place("specs/a.yaml", 3, 31, 42)]


def test_a_fault_is_told_and_its_sound_neighbours_are_still_known() -> None:
    compiler = compiler_of(TEXT)
    compiled = compiler.template(compiler.document.data["output"], ("output",), ROOTS)
    assert isinstance(compiled, Broken)
    assert compiled({}) is None
    assert [(problem.code, problem.place.column) for problem in compiler.findings.problems] == [("GW202", 54)]
    assert sorted(reference for use in compiler.uses for reference in use.compiled.references) == [
        ("input", "a"),
        ("input", "a", "b"),
        ("input", "c"),
        ("input", "d"),
    ]


def test_a_broken_expression_gives_a_stand_in_that_reads_nothing() -> None:
    compiler = compiler_of(TEXT)
    compiled = compiler.expression("usr.id", ("guard", 0, "check"), ROOTS)
    assert isinstance(compiled, Broken)
    assert compiled.references == frozenset()
    assert compiler.uses == []
    assert compiler.optional(None, ("guard",), ROOTS) is None


def test_plurals_are_held_against_the_locale() -> None:
    compiler = compiler_of(TEXT)
    text = "${ plural(input.n, {one: 'a', other: 'b'}) }"
    compiler.template(text, ("output",), ROOTS, locale="de")
    assert compiler.findings.problems == []
    compiler.template(text, ("output",), ROOTS, locale="pl")
    assert [problem.code for problem in compiler.findings.problems] == ["GW215"]
