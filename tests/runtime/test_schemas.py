from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.schemas import SchemaReader
from gateway.sdk import InvalidRequest

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]{1,5}$"},
        "count": {"type": "integer", "minimum": 1, "default": 3},
        "price": {"type": ["number", "null"]},
        "express": {"type": "boolean"},
        "on": {"type": "string", "format": "date"},
        "deep": {"type": "object", "properties": {"n": {"type": "integer"}, "d": {"type": "string", "default": "x"}}},
        "list": {"type": "array", "items": {"type": "integer"}},
        "either": {"type": ["string", "integer"]},
    },
}


def read(given: dict[str, Any], *, coerce: bool = True) -> dict[str, Any]:
    return SchemaReader(SCHEMA).read(given, coerce=coerce)


def pointers(given: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidRequest) as raised:
        read(given)
    return sorted(fault["pointer"] for fault in raised.value.details)


def test_defaults_are_filled_in_at_every_depth_and_the_given_is_not_changed() -> None:
    given = {"id": "1", "deep": {}}
    assert read(given) == {"id": "1", "count": 3, "deep": {"d": "x"}}
    assert given == {"id": "1", "deep": {}}


def test_texts_become_numbers_and_booleans_where_the_schema_leaves_no_choice() -> None:
    given = {"id": "1", "count": " 7 ", "price": "1.50", "express": "TRUE", "deep": {"n": "2"}, "list": ["1", 2], "either": "5"}
    assert read(given) == {
        "id": "1", "count": 7, "price": 1.5, "express": True, "deep": {"n": 2, "d": "x"}, "list": [1, 2], "either": "5",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "x", "1_0", "0x1", "١", "1e999", "NaN", "--1", "9" * 400])
def test_what_is_no_number_stays_text_and_is_refused(text: str) -> None:
    assert pointers({"id": "1", "count": text}) == ["/count"]


def test_every_fault_is_told_with_its_pointer() -> None:
    given = {"count": 0, "express": "maybe", "on": "tomorrow", "x/y~z": 1}
    assert pointers(given) == ["/count", "/express", "/id", "/on", "/x~1y~0z"]


def test_a_huge_value_is_not_repeated_in_full() -> None:
    with pytest.raises(InvalidRequest) as raised:
        read({"id": "x" * 100_000})
    assert len(json.dumps(raised.value.details)) < 1000


def test_the_number_of_faults_is_bounded() -> None:
    assert len(pointers({"id": "1", "list": ["x"] * 500})) == 50


def test_arguments_become_text_where_the_schema_says_text() -> None:
    reader = SchemaReader({"type": "object", "properties": {"id": {"type": "string"}, "flag": {"type": "string"}}}, text="out")
    assert reader.read({"id": 7, "flag": True}, coerce=True) == {"id": "7", "flag": "true"}


@pytest.mark.parametrize(
    "schema", [{"$ref": "https://example.com/x.json"}, {"type": "objekt"}, {"properties": {"a": {"pattern": "(?=a)"}}}]
)
def test_a_schema_that_is_no_good_or_would_have_to_be_fetched_is_refused_at_load(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        SchemaReader(schema)


@pytest.mark.parametrize("default", ["abc", 9, None])
def test_a_default_that_does_not_fit_is_refused_at_load(default: Any) -> None:
    with pytest.raises(ValueError, match="the default of `w`"):
        SchemaReader({"type": "object", "required": ["x"], "properties": {"w": {"type": "integer", "maximum": 5, "default": default}}})


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.from_regex(r"[0-9a]{1,6}", fullmatch=True),
        "count": st.integers(-2, 2),
        "price": st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=2),
        "deep": st.dictionaries(st.sampled_from(["n", "m"]), st.integers() | st.text(max_size=2), max_size=2),
        "other": st.none(),
    },
)


@given(VALUES)
def test_its_verdict_is_that_of_the_reference_validator(value: dict[str, Any]) -> None:
    expected = jsonschema.Draft202012Validator(SCHEMA).is_valid(value)
    try:
        read(value, coerce=False)
    except InvalidRequest:
        assert not expected
    else:
        assert expected


def test_of_a_large_value_the_first_fault_is_told() -> None:
    reader = SchemaReader({"type": "object", "properties": {"rows": {"type": "array", "items": {"type": "integer"}}}})
    with pytest.raises(InvalidRequest) as refused:
        reader.read({"rows": ["x"] * 10_000}, coerce=True)
    assert [detail["pointer"] for detail in refused.value.details] == ["/rows/0"]
