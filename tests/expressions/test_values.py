from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from gateway.expressions.values import Unknown, as_text, certain, equals, field, holds_null, is_true, known_equals, less, less_or_equal
from tests.expressions.grammar import documents


@pytest.mark.parametrize(("value", "truth"), [(0, True), (0.0, True), ("", False), ([], False), ({}, False), (None, False), (False, False)])
def test_truth_is_jmespath_s(value: Any, truth: bool) -> None:
    assert is_true(value) is truth


@pytest.mark.parametrize("value", ["0", [0], {"a": None}, True, 1])
def test_all_else_is_true(value: Any) -> None:
    assert is_true(value)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1], [True], False),
        ({"a": [0]}, {"a": [False]}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        ([1], [1, 2], False),
        ("1", 1, False),
        (None, None, True),
        (None, False, False),
    ],
)
def test_equality(left: Any, right: Any, same: bool) -> None:
    assert equals(left, right) is same
    assert equals(right, left) is same


@given(documents)
def test_everything_equals_itself(document: Any) -> None:
    assert equals(document, document)
    assert known_equals(document, document) is (None if document is None or holds_null(document) else True)


@pytest.mark.parametrize(
    ("left", "right", "before"),
    [(1, 2, True), (2, 1.5, False), ("B", "a", True), ("a", 1, None), (True, 2, None), (None, 1, None), ([], [1], None), ("", "a", True)],
)
def test_order(left: Any, right: Any, before: bool | None) -> None:
    assert less(left, right) is before
    assert less_or_equal(left, right) is before


def test_equals_are_in_order() -> None:
    assert less(1, 1.0) is False
    assert less_or_equal(1, 1.0) is True


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, ""),
        (True, "true"),
        (1.50, "1.5"),
        (10**20, "100000000000000000000"),
        ([1, {"a": None}], '[1,{"a":null}]'),
        (datetime(2026, 11, 20, 13, 30, tzinfo=UTC), "2026-11-20T13:30:00Z"),
    ],
)
def test_text(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_only_objects_have_fields() -> None:
    assert [field(value, "a") for value in ({"a": 1}, [1], "a", None, 5)] == [1, None, None, None, None]


def test_certainty() -> None:
    assert certain(True) is True
    assert certain(False) is False
    with pytest.raises(Unknown):
        certain(None)
