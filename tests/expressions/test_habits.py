"""Words and signs of other languages."""

from __future__ import annotations

import pytest

from gateway.expressions import compile_expression
from gateway.expressions.habits import ROOTS, SIGNS, WORDS
from gateway.planner import roots


@pytest.mark.parametrize("word", sorted(WORDS))
def test_a_word_between_values_is_explained(word: str) -> None:
    _, faults = compile_expression(f"input.a {word} input.b", roots=frozenset({"input"}))
    assert [(fault.code, fault.hint) for fault in faults] == [("GW201", WORDS[word])]


@pytest.mark.parametrize("sign", sorted(set(SIGNS) - {"{", ":"}))
def test_a_sign_between_values_is_explained(sign: str) -> None:
    _, faults = compile_expression(f"input.a {sign} input.b", roots=frozenset({"input"}))
    assert [fault.hint for fault in faults] == [SIGNS[sign]]


def test_only_roots_are_told_where_they_are_known() -> None:
    assert set(ROOTS) < roots.ALL


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("args.id", "it is known in `query`"),
        ("inptu.id", "did you mean `input`?"),
        ("input.a == open", "a text is written in single quotes: 'open'"),
        ("contains(input.a, open)", "a text is written in single quotes: 'open'"),
        ("opened.a", "known here: `input`"),
        ('input.a == "open"', "a text is written in single quotes: 'open'"),
        ('input.rows[?a == "open"]', "a text is written in single quotes: 'open'; for the element's own field write @.open"),
        ('input.rows["', None),
    ],
)
def test_a_name_that_is_no_root(text: str, hint: str | None) -> None:
    _, faults = compile_expression(text, roots=frozenset({"input"}))
    assert len(faults) == 1
    assert (faults[0].hint or "").startswith(hint or "")


@pytest.mark.parametrize("text", ["input.rows[?\"a\" == 'open']", 'input.rows[?a == "first name"]', "input.rows[?a == b]"])
def test_fields_in_quotes_that_are_meant(text: str) -> None:
    _, faults = compile_expression(text, roots=frozenset({"input"}))
    assert faults == []
