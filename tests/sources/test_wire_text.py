"""Values as parts of a request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import InvalidRequest
from gateway.sources.wire_text import forwarded_value, header_value, json_of, path_value, percent_encoded, query_pairs, text_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("value", "text"), [("a b", "a b"), (True, "true"), (1, "1"), (1.5, "1.5"), ([1, "a"], '[1,"a"]'), ({"a": None}, '{"a":null}')]
)
def test_text_of(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), object(), "\ud800"])
def test_what_json_cant_hold(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        json_of(value)


def test_endless_nesting_is_the_callers_fault() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidRequest):
        json_of(value)


def test_query_pairs() -> None:
    assert query_pairs("a b", "c&d") == ["a%20b=c%26d"]
    assert query_pairs("n", [1, None, True]) == ["n=1", "n=true"]
    assert query_pairs("n", None) == []
    assert query_pairs("n", {"a": 1}) == ["n=%7B%22a%22%3A1%7D"]


def test_headers() -> None:
    assert header_value("X", ["a", None, 1]) == "a, 1"
    assert header_value("X", " padded\t") == "padded"
    assert forwarded_value("x", "J\xfcrgen ") == "J\xfcrgen"
    for bad in ("a\rb", "a\x7f", "ü", "\u2028"):
        with pytest.raises(InvalidRequest):
            header_value("X", bad)
    for bad in ("a\nb", "\u0100", "a\0"):
        with pytest.raises(InvalidRequest):
            forwarded_value("x", bad)


@given(st.text())
def test_an_encoded_path_value_is_one_segment(text: str) -> None:
    try:
        encoded = path_value("x", text)
    except InvalidRequest:
        return
    assert encoded.isascii()
    assert not {*"/?#\\ \r\n"} & set(encoded)
    assert encoded not in {"", ".", ".."}


@given(json_values)
def test_whatever_comes_only_the_vocabularys_errors_go(value: Any) -> None:
    for write in (text_of, lambda v: path_value("x", v), lambda v: query_pairs("x", v), lambda v: header_value("X", v)):
        try:
            written = write(value)
        except InvalidRequest:
            continue
        assert "\r" not in "".join(written) or write is text_of


def test_reserved_characters_may_be_spared() -> None:
    assert percent_encoded("a/b&c") == "a%2Fb%26c"
    assert percent_encoded("a/b&c", "/") == "a/b%26c"
