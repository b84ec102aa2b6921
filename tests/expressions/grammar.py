"""Generated JMESPath expressions and documents that they have something to find in."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d")
FUNCTIONS_OF_ONE = (
    *("abs", "avg", "ceil", "floor", "keys", "length", "max", "merge", "min", "not_null", "reverse", "sort", "sum"),
    *("to_array", "to_string", "to_number", "type", "values"),
)
FUNCTIONS_OF_TWO = ("contains", "ends_with", "starts_with", "join", "not_null", "merge")
FUNCTIONS_BY = ("sort_by", "max_by", "min_by")

scalars = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, -1.5, 2.0]) | st.sampled_from(["", "a", "b", "ab", "1", "é"])
)
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=20,
)
"""JSON values; the names are those that expressions use."""

_literals = documents.map(lambda value: "`" + json.dumps(value).replace("`", "\\`") + "`")
_texts = st.sampled_from(["''", "'a'", "'ab'", "'1'", "'it\\'s'"])
_fields = st.sampled_from([*NAMES, '"a"', '"b"'])
_atoms = _fields | _fields | _literals | _texts | st.just("@")
_places = st.integers(-3, 3).map(lambda place: f"[{place}]")
_slices = st.tuples(*[st.sampled_from(["", "0", "1", "-1", "2"])] * 3).map(lambda parts: f"[{':'.join(parts)}]")
_comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    tails = st.one_of(
        _fields.map(lambda name: f".{name}"),
        _places,
        _slices,
        st.sampled_from(["[*]", "[]", ".*"]),
        inner.map(lambda condition: f"[?{condition}]"),
        pairs.map(lambda two: f".[{two[0]}, {two[1]}]"),
        pairs.map(lambda two: f".{{a: {two[0]}, b: {two[1]}}}"),
    )
    return st.one_of(
        st.tuples(inner, tails).map("".join),
        st.tuples(inner, tails, tails).map("".join),
        st.tuples(inner, _comparisons, inner).map(" ".join),
        st.tuples(inner, st.sampled_from(["||", "&&", "|"]), inner).map(" ".join),
        inner.map(lambda one: f"!{one}"),
        inner.map(lambda one: f"({one})"),
        pairs.map(lambda two: f"[{two[0]}, {two[1]}]"),
        pairs.map(lambda two: f"{{a: {two[0]}, c: {two[1]}}}"),
        st.tuples(st.sampled_from(FUNCTIONS_OF_ONE), inner).map(lambda call: f"{call[0]}({call[1]})"),
        st.tuples(st.sampled_from(FUNCTIONS_OF_TWO), inner, inner).map(lambda call: f"{call[0]}({call[1]}, {call[2]})"),
        st.tuples(st.sampled_from(FUNCTIONS_BY), inner, inner).map(lambda call: f"{call[0]}({call[1]}, &{call[2]})"),
        pairs.map(lambda two: f"map(&{two[0]}, {two[1]})"),
    )


expressions: st.SearchStrategy[str] = st.recursive(_atoms, _longer, max_leaves=8)
"""Texts that mostly are JMESPath; some have no meaning, such as a call behind `!`."""
