from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.join import join
from gateway.runtime.plan import Join
from gateway.sdk import BadResponse


class Root:
    """An expression that reads one root."""

    references: frozenset[tuple[str | int, ...]] = frozenset()
    constant = False
    source = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, scope: dict[str, Any], /) -> Any:
        return scope[self.name]


def joined(left: Any, right: Any, *fields: str, **options: Any) -> Any:
    options = {"attribute": "match", **options}
    return join(Join(Root("left"), Root("right"), fields or ("k",), fields or ("k",), **options), {"left": left, "right": right})


def test_rows_without_a_match_stay_on_the_left() -> None:
    assert joined([{"k": 1}, {"k": 2}], [{"k": 2, "v": "x"}]) == [{"k": 1, "match": None}, {"k": 2, "match": {"k": 2, "v": "x"}}]


def test_an_inner_join_drops_them() -> None:
    assert joined([{"k": 1}, {"k": 2}], [{"k": 2}], keep_unmatched=False) == [{"k": 2, "match": {"k": 2}}]


def test_many_gives_lists() -> None:
    right = [{"k": 1, "v": 1}, {"k": 1, "v": 2}]
    assert joined([{"k": 1}, {"k": 2}], right, cardinality="many") == [{"k": 1, "match": right}, {"k": 2, "match": []}]


def test_a_second_match_under_one_is_a_bad_response() -> None:
    with pytest.raises(BadResponse):
        joined([{"k": 1}], [{"k": 1}, {"k": 1}])
    assert joined([{"k": 2}], [{"k": 1}, {"k": 1}]) == [{"k": 2, "match": None}]


def test_composite_keys_match_on_all_parts() -> None:
    assert joined([{"a": 1, "b": 2}], [{"a": 1, "b": 3}, {"a": 1, "b": 2, "v": 9}], "a", "b")[0]["match"]["v"] == 9


def test_null_rows_on_the_right_are_ignored_and_null_keys_never_match() -> None:
    assert joined([{"k": None}, {}], [None, {"k": None}, {}]) == [{"k": None, "match": None}, {"match": None}]


def test_types_are_kept_apart_unless_cast() -> None:
    assert joined([{"k": "1"}], [{"k": 1}])[0]["match"] is None
    assert joined([{"k": "1"}], [{"k": True}])[0]["match"] is None
    assert joined([{"k": "1"}], [{"k": 1}], cast="string")[0]["match"] == {"k": 1}
    assert joined([{"k": "01"}], [{"k": 1}], cast="int")[0]["match"] == {"k": 1}
    assert joined([{"k": "x"}], [{"k": "x"}], cast="int")[0]["match"] is None
    assert joined([{"k": "AbC"}], [{"k": "aBc"}], cast="lower")[0]["match"] == {"k": "aBc"}


def test_whole_numbers_match_however_written() -> None:
    assert joined([{"k": 1.0}], [{"k": 1}])[0]["match"] == {"k": 1}


def test_merge_puts_fields_into_the_row() -> None:
    assert joined([{"k": 1, "a": 1}, {"k": 2}], [{"k": 1, "b": 2}], attribute=None) == [{"k": 1, "a": 1, "b": 2}, {"k": 2}]


def test_colliding_fields_are_a_bad_response() -> None:
    with pytest.raises(BadResponse, match="`a`"):
        joined([{"k": 1, "a": 1}], [{"k": 1, "a": 2}], attribute=None)
    with pytest.raises(BadResponse, match="`match`"):
        joined([{"k": 1, "match": 1}], [{"k": 1}])


@pytest.mark.parametrize(("left", "right"), [("text", []), ([1], []), ([], {"a": 1}), ([{"k": 1}], [1])])
def test_sides_that_are_no_lists_of_objects_are_a_bad_response(left: Any, right: Any) -> None:
    with pytest.raises(BadResponse):
        joined(left, right or [1])


def test_a_null_side() -> None:
    assert joined(None, [{"k": 1}]) is None
    assert joined([{"k": 1}], None) == [{"k": 1, "match": None}]


KEYS = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from(["a", "b", ""]), st.booleans())
ROWS = st.lists(st.one_of(st.none(), st.fixed_dictionaries({}, optional={"k": KEYS, "j": KEYS})), max_size=8)


def same(one: Any, other: Any) -> bool:
    return one is not None and type(one) is type(other) and one == other


@given(ROWS, ROWS, st.booleans())
def test_it_equals_a_nested_loop(left: list[Any], right: list[Any], keep: bool) -> None:
    expected = []
    for row in left:
        if row is None:
            continue
        matches = [r for r in right if r is not None and same(row.get("k"), r.get("k")) and same(row.get("j"), r.get("j"))]
        if matches or keep:
            expected.append({**row, "match": matches})
    assert joined(left, right, "k", "j", cardinality="many", keep_unmatched=keep) == expected


def test_two_lists_do_not_give_their_product() -> None:
    rows = [{"k": 1}] * 1000
    with pytest.raises(BadResponse):
        joined(rows, rows, cardinality="many")
    assert len(joined(rows[:100], rows, cardinality="many")) == 100
