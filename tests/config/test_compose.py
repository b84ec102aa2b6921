"""What the strict reader refuses, and what it makes of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sdk.problem import Problem
from tests.config.yaml_texts import document, read

Shown = tuple[str, int, int, str]


def shown(problem: Problem, text: str) -> Shown:
    """Code, line, column and the part that is underlined."""
    place = problem.place
    return problem.code, place.line, place.column, text.split("\n")[place.line - 1][place.column - 1 : place.end - 1]


def problems(text: str) -> list[Shown]:
    return [shown(problem, text) for problem in read(text).problems]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: yes\nb: 12:30\nc: 2026-11-20\nd: on\n", {"a": "yes", "b": "12:30", "c": "2026-11-20", "d": "on"}),
        ("1: a\ntrue: b\n~: c\n007: d\n0x1: e\n", {"1": "a", "true": "b", "~": "c", "007": "d", "0x1": "e"}),
        ("on: 1\nno: 2\n", {"on": 1, "no": 2}),
        ("a: !!str 007\nb: !!int 3\nc: !!map {}\nd: !!seq []\ne: ! 5\nf: !!float 1.5\n", None),
        ("a: '007'\nb: \"true\"\nc: |\n  1\n", {"a": "007", "b": "true", "c": "1\n"}),
        ("a: &x {b: 1}\nc: *x\nd: [*x]\n", {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}]}),
        ("'<<': 1\n", {"<<": 1}),
        ("a: 1 # a comment\nb: [x] # ${ y }\n# ${ z }\nc: 'x' # ${ y }\n", {"a": 1, "b": ["x"], "c": "x"}),
        ("a:   # ${ x }\n  b: 1\n", {"a": {"b": 1}}),
        ("a: $#{ x }\nb: x#${ y }\n", {"a": "$#{ x }", "b": "x#${ y }"}),
        ("? a\n: 1\n", {"a": 1}),
        ("a:\n- 1\n-\n- - 2\n", {"a": [1, None, [2]]}),
        ("{a: 1, b}\n", {"a": 1, "b": None}),
    ],
)
def test_what_is_read(text: str, data: Any) -> None:
    expected = {"a": "007", "b": 3, "c": {}, "d": [], "e": "5", "f": 1.5} if data is None else data
    assert document(text).data == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: 2\na: 3\n", ("GW004", 3, 1, "a")),
        ('1: a\n"1": b\n', ("GW004", 2, 1, '"1"')),
        ("x: {a: 1, 'a': 2}\n", ("GW004", 1, 11, "'a'")),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", ("GW005", 3, 3, "<<")),
        ("a: !python/object:x {}\n", ("GW006", 1, 4, "!python/object:x")),
        ("when: !(a.b)\n", ("GW006", 1, 7, "!(a.b)")),
        ("a: !!binary abc\n", ("GW006", 1, 4, "!!binary")),
        ("a: !!int abc\n", ("GW006", 1, 4, "!!int")),
        ("a: !!timestamp 2020-01-01\n", ("GW006", 1, 4, "!!timestamp")),
        ("a: !!set {b}\n", ("GW006", 1, 4, "!!set")),
        ("!x a: 1\n", ("GW006", 1, 1, "!x")),
        ("a: *nothing\n", ("GW007", 1, 4, "*nothing")),
        ("a: &x [*x]\n", ("GW007", 1, 8, "*x")),
        ("a: &x [1]\nb: &y [*x]\nc: *y\n", ("GW007", 3, 4, "*y")),
        ("a: &x {v: 1}\nb: &y {c: {d: *x}}\nc: [*y]\n", ("GW007", 3, 5, "*y")),
        ("${ a }: 1\n", ("GW008", 1, 1, "${ a }")),
        ('x: {"${ a }": 1}\n', ("GW008", 1, 5, '"${ a }"')),
        ("a: Order #${ x }\n", ("GW009", 1, 10, "#${ x }")),
        ("a: one\n  two # ${ x } y\n", ("GW009", 2, 7, "# ${ x } y")),
        ("a: [b, c # ${ x }\n  ]\n", ("GW009", 1, 10, "# ${ x }")),
        ("a: # ${ x }\n", ("GW009", 1, 4, "# ${ x }")),
        ("a: 007\n", ("GW010", 1, 4, "007")),
        ("a: [.inf]\n", ("GW010", 1, 5, ".inf")),
        ("a: True\n", ("GW010", 1, 4, "True")),
        ("? [a, b]\n: 1\n", ("GW015", 1, 3, "[a, b]")),
        ("? {a: b}\n: 1\n", ("GW015", 1, 3, "{a: b}")),
        ("a: &x 1\n*x : 1\n", ("GW015", 2, 1, "*x")),
        ("? \n: 1\n", ("GW015", 1, 2, "")),
        ("a:\n- b\n - c\n", ("GW003", 3, 2, "-")),
        ("a:\n- b\n -c\n- d\n  e - f\n", None),
        ("a:\n  -b\n  - c\n", ("GW003", 2, 3, "-")),
        ("a: &x [1]\nb: &y [*x]\nc: [*y, *y]\n", ("GW007", 3, 5, "*y")),
        ("a: " + "[" * 80 + "]" * 80 + "\n", ("GW011", 1, 67, "[")),
    ],
)
def test_what_is_refused(text: str, found: Shown | None) -> None:
    assert problems(text) == ([] if found is None else [found])


def test_all_faults_of_a_document_are_told() -> None:
    text = "a: 007\nb: {c: !x y, c: 1}\n${d}: True\n"
    assert [code for code, *_ in problems(text)] == ["GW010", "GW006", "GW004", "GW008", "GW010"]


def test_broken_values_are_listed_and_the_rest_is_there() -> None:
    (raw,) = read("a: 007\nb: [1, True]\nc: 3\nc: 4\n").documents
    assert raw.broken == (("a",), ("b", 1), ("c",))


def test_the_first_of_two_keys_is_kept() -> None:
    yaml = read("c: 3\nc: {d: 4}\ne: 5\n")
    assert yaml.documents[0].root is not None
    assert list(yaml.documents[0].root.entries) == ["c", "e"]  # type: ignore[union-attr]
    assert yaml.problems[0].message == "duplicate key `c`, first written in line 1"


def test_paths_lead_to_the_fault() -> None:
    (problem,) = read("a:\n  - b\n  - c: {d: 007}\n").problems
    assert problem.path == ("a", 1, "c", "d")


def test_a_bomb_of_aliases_is_refused_without_being_built() -> None:
    lines = ["l0: &l0 [x, x]"] + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12)]
    found = problems("\n".join(lines) + "\n")
    assert {code for code, *_ in found} == {"GW007"}


def test_a_flat_bomb_of_aliases_is_refused_by_its_size() -> None:
    text = "a: &a [" + "x," * 1000 + "]\nb: [" + "*a," * 1000 + "]\n"
    assert [code for code, *_ in problems(text)] == ["GW011"]


def test_a_fault_cut_by_a_comment_hides_what_follows_from_it() -> None:
    assert [code for code, *_ in problems("a: b #c ${ x }\n  d\n")] == ["GW009"]


def test_hints_show_the_quoted_value() -> None:
    hints = [problem.hint for problem in read("a: !(a.b)\nd: !x [1]\nb: *c\nc: 007\n").problems]
    assert hints == ['quote it: "!(a.b)"', "remove it", 'quote it: "*c"', 'quote it where text is meant ("007"), else drop the zero']
