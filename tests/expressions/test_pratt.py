"""Whatever the quick parser reads, jmespath's reads the same; what it leaves, jmespath's judges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.expressions import pratt
from gateway.expressions.faults import SyntaxFault
from gateway.expressions.pratt import Node, read
from gateway.expressions.syntax import by_jmespath, parse
from tests.expressions.grammar import expressions
from tests.expressions.test_strict import cases

USUAL = (
    *("a", " a.b.c\n", "a.b == 'x' || !(c) && @.d", "f(a, &b.c)", "f()", "a[0]", "a[-1].b[2]", "a[0][1]", "[0]", "a[1:2].b", "a[::2]"),
    *("a[*].b", "a[].b[]", "*", "a.*", "a.*.b[0]", "[*].a", "[]", "[?a]", "a[?b == `1`].c | [0]", "a[?b][]", "a[?b][?c]", "[a, b]"),
    *('{a: b, "c d": e}', "a.[b, c].d", "a.{b: c}", '"a b".c', "'it\\'s'", '`[1, {"a": null}]`', '`"\\`"`', "(a.b).c", "((a))[0]"),
    *(
        "(a)(b)",
        "a || b || c",
        "a | b | c",
        "a < b",
        "a.f(b)",
        "a != b && c >= d || e <= f || g > h",
        "map(&[0], a)",
        "sort_by(a, &b)[-1]",
        "a[0][1:2]",
        "!a",
        "!!a.b",
    ),
)
"""Every form that the quick parser knows."""
UNUSUAL = (
    *("", "a b", "a.", "f(a,)", "f(a b)", "[a,]", "{a: b,}", "{}", "[", "a[", "a[0", "a[b]", "a[1:2:3:4]", "a[1 2]", "5", "a == 5"),
    *('"a"(b)', "`x`", "`NaN`", "`1e999`", "'a", '"\\x"', "a = b", "a -b", "a # b", "é", "a[99999999999999999999]", "f(a).5", "{5: a}"),
    *("a * b", "a not b", "a {b: c}", "a & b", "f(a)(b)", "a.(b)", "[*]b", "a.!b", "a..b", ".a", "a[*", "a[?b", "*a", "a.*b", "@ @", "&"),
    *("a]", "(a", "${ a }"),
)
"""What it leaves to jmespath's."""


@pytest.mark.parametrize("text", USUAL)
def test_reads_what_is_usual_as_jmespath_does(text: str) -> None:
    assert read(text) == by_jmespath(text)


@pytest.mark.parametrize("text", UNUSUAL)
def test_leaves_what_is_not(text: str) -> None:
    assert read(text) is None


def test_leaves_what_is_long() -> None:
    assert read(" || ".join("ab")) is not None
    assert read(" || ".join("ab" * 20)) is None
    assert parse(" || ".join("ab" * 20))["type"] == "or_expression"


def test_gives_no_shared_trees() -> None:
    first, second = read("a[?b == `[1]`]"), read("a[?b == `[1]`]")
    assert first == second
    assert all(one is not other for one, other in zip(_nodes(first), _nodes(second), strict=True))


@given(expressions)
def test_reads_alike(text: str) -> None:
    _same(text)


@given(expressions, st.data())
def test_reads_alike_what_is_slightly_wrong(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    kept = data.draw(st.integers(place, min(len(text), place + 3)))
    _same(text[:place] + data.draw(st.sampled_from([*"()[]{}.,:*?&|!=<>'\"`@- 1a\\\né", "[?", "[]", "||", "${"])) + text[kept:])


@given(st.text(st.sampled_from("ab01()[]{}.,:*?&|!=<>'\"`@- \\\t\n\0é"), max_size=12))
def test_reads_alike_what_is_random(text: str) -> None:
    _same(text)


@pytest.mark.parametrize(("document", "case"), cases())
def test_reads_the_compliance_suite_alike(document: Any, case: dict[str, Any]) -> None:
    _same(case["expression"])


@pytest.mark.parametrize("kind", sorted(pratt._BEGINS.keys() | pratt._FOLLOWS.keys()))
def test_every_form_is_among_the_usual(kind: str) -> None:
    """So that a form which is added is compared, too."""
    sample = {"name": "a", "quoted": '"a b"', "text": "'it", "literal": "`", "number": "0"}.get(kind, kind)
    assert any(sample in text for text in USUAL)


def _same(text: str) -> None:
    """A fault is a fault for both; what the quick parser leaves is no fault for that alone."""
    found = read(text)
    if found is None:
        return
    try:
        assert found == by_jmespath(text)
        assert found == parse(text)
    except SyntaxFault as fault:
        pytest.fail(f"read {text!r}, which jmespath refuses: {fault.fault.message}")


def _nodes(tree: Node | None) -> list[Node]:
    return [] if tree is None else [tree, *(inner for child in tree["children"] if isinstance(child, dict) for inner in _nodes(child))]
