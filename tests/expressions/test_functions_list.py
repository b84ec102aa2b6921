from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gateway.expressions.functions_list import identity_of
from gateway.expressions.values import equals
from tests.expressions.evaluation import fails, of
from tests.expressions.grammar import documents

ROWS = [{"k": "b", "n": 2}, {"k": "a", "n": 1}, {"n": 0}, {"k": "b", "n": 3}, {"k": None, "n": 9}]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("contains(['a', 'b'], 'a')", True),
        ("contains(`[1, 2]`, `1`)", True),
        ("contains(`[1, 2]`, `true`)", False),
        ("contains(`[[1], 2]`, `[1]`)", True),
        ("contains(`[[true]]`, `[1]`)", False),
        ("contains('abc', 'b')", True),
        ("contains('abc', `1`)", False),
        ("contains(`[null]`, `null`)", False),
        ("contains(input.none, 'a')", False),
        ("first(`[1, 2]`)", 1),
        ("last(`[1, 2]`)", 2),
        ("first(`[]`)", None),
        ("last(`[]`)", None),
        ("sort(`[3, null, 1.5, 2]`)", [1.5, 2, 3, None]),
        ("sort(['b', 'B', 'ä', 'a'])", ["B", "a", "b", "ä"]),
        ("sort(`[]`)", []),
        ("to_array('a')", ["a"]),
        ("to_array(`[1]`)", [1]),
        ("zip(`[1, 2]`, ['a', 'b', 'c'])", [[1, "a"], [2, "b"]]),
        ("range(`3`)", [0, 1, 2]),
        ("range(`1`, `4`)", [1, 2, 3]),
        ("range(`5`, `0`, `-2`)", [5, 3, 1]),
        ("range(`3`, `1`)", []),
        ('uniq(`[1, 2, 1, true, 1.0, [1], [1], {"a": 1}, {"a": 1}, null, 0, null, false]`)', [1, 2, True, [1], {"a": 1}, 0, False, None]),
        ("uniq_by(input.rows, &k)[*].n", [2, 1, 0]),
        ("sort_by(input.rows, &k)[*].n", [1, 2, 3, 0, 9]),
        ("sort_by(input.rows, &n)[*].n", [0, 1, 2, 3, 9]),
        ("max_by(input.rows, &k).n", 2),
        ("min_by(input.rows, &k).n", 1),
        ("max_by(input.rows, &missing).n", 2),
        ("max_by(`[]`, &k)", None),
        ("map(&k, input.rows)", ["b", "a", None, "b", None]),
        ("index_by(input.rows, &k)", {"b": {"k": "b", "n": 3}, "a": {"k": "a", "n": 1}}),
        ("keys(index_by(input.rows, &n))", ["2", "1", "0", "3", "9"]),
        ("group_by(input.rows, &k).b[*].n", [2, 3]),
        ("keys(group_by(input.rows, &k))", ["b", "a"]),
        ('group_by(`[{"x": true}, {"x": 1.5}]`, &x)', {"true": [{"x": True}], "1.5": [{"x": 1.5}]}),
        ("group_by(`[]`, &x)", {}),
    ],
)
def test_values(text: str, result: Any) -> None:
    answer = of(text, rows=ROWS)
    assert answer == result
    assert repr(answer) == repr(result) or not isinstance(result, list)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("contains(`5`, 'a')", "contains() needs a list."),
        ("first('abc')", "first() needs a list."),
        ('sort(`[1, "a"]`)', "sort() needs a list of numbers, or of texts."),
        ("sort(`[true]`)", "sort() needs a list of numbers, or of texts."),
        ('sort_by(`[{"a": 1}, {"a": "x"}]`, &a)', "sort_by() needs a list of numbers, or of texts."),
        ("sort_by('abc', &a)", "sort_by() needs a list."),
        ('max_by(`[{"a": []}]`, &a)', "max_by() needs a list of numbers, or of texts."),
        ("zip(`[1]`, 'a')", "zip() needs a list."),
        ("range(`1`, `2`, `0`)", "range() needs a step other than 0."),
        ("range(`1.5`)", "range() needs a whole number."),
        ("range(`300000`)", "range() gives 250,000 numbers at most."),
        ('index_by(`[{"a": [1]}]`, &a)', "index_by() needs keys that are texts, numbers or booleans."),
        ('group_by(`[{"a": {}}]`, &a)', "group_by() needs keys that are texts, numbers or booleans."),
    ],
)
def test_faults(text: str, message: str) -> None:
    assert fails(text) == message


def test_sorting_is_stable() -> None:
    rows = [{"k": place % 3, "n": place} for place in range(30)]
    assert [row["n"] for row in of("sort_by(input.rows, &k)", rows=rows)] == [*range(0, 30, 3), *range(1, 30, 3), *range(2, 30, 3)]


@given(documents, documents)
def test_identity_is_equality(left: Any, right: Any) -> None:
    assert (identity_of(left) == identity_of(right)) is equals(left, right)
    assert identity_of(left) == identity_of(left)
