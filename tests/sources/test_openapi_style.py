"""How parameters are written: the table of OpenAPI 3.1 §4.8.12.3, and what hostile values become."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import InvalidRequest
from gateway.sources.openapi_style import Parameter, Style, cookie_header, header_text, path_text, query_texts

ARRAY = ["blue", "black", "brown"]
OBJECT = {"R": 100, "G": 200, "B": 150}


def parameter(style: Style, explode: bool, **more: Any) -> Parameter:
    return Parameter("color", "color", more.pop("where", "query"), style, explode, **more)


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("simple", False, "blue", "blue"),
        ("simple", False, ARRAY, "blue,black,brown"),
        ("simple", True, ARRAY, "blue,black,brown"),
        ("simple", False, OBJECT, "R,100,G,200,B,150"),
        ("simple", True, OBJECT, "R=100,G=200,B=150"),
        ("label", False, "blue", ".blue"),
        ("label", False, ARRAY, ".blue,black,brown"),
        ("label", True, ARRAY, ".blue.black.brown"),
        ("label", False, OBJECT, ".R,100,G,200,B,150"),
        ("label", True, OBJECT, ".R=100.G=200.B=150"),
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", False, ARRAY, ";color=blue,black,brown"),
        ("matrix", True, ARRAY, ";color=blue;color=black;color=brown"),
        ("matrix", False, OBJECT, ";color=R,100,G,200,B,150"),
        ("matrix", True, OBJECT, ";R=100;G=200;B=150"),
    ],
)
def test_paths(style: Style, explode: bool, value: Any, text: str) -> None:
    assert path_text(parameter(style, explode, where="path"), value) == text


@pytest.mark.parametrize("value", ["", None, [], {}, ["a", ""], "..", ["x", ".."], [[1]], {"..": "a"}])
def test_paths_that_would_change(value: Any) -> None:
    for style in ("simple", "label", "matrix"):
        for explode in (True, False):
            with pytest.raises(InvalidRequest):
                path_text(parameter(style, explode, where="path"), value)


@pytest.mark.parametrize(
    ("options", "value", "pairs"),
    [
        ({"explode": True}, "a b", ["color=a%20b"]),
        ({"explode": True}, ARRAY, ["color=blue", "color=black", "color=brown"]),
        ({"explode": False}, ARRAY, ["color=blue,black,brown"]),
        ({"explode": False}, OBJECT, ["color=R,100,G,200,B,150"]),
        ({"explode": True}, OBJECT, ["R=100", "G=200", "B=150"]),
        ({"explode": False, "delimiter": "%20"}, ARRAY, ["color=blue%20black%20brown"]),
        ({"explode": False, "delimiter": "%7C"}, OBJECT, ["color=R%7C100%7CG%7C200%7CB%7C150"]),
        ({"explode": True, "style": "deepObject"}, OBJECT, ["color%5BR%5D=100", "color%5BG%5D=200", "color%5BB%5D=150"]),
        ({"explode": True, "style": "deepObject"}, {"a": {"b": [1, None]}}, ["color%5Ba%5D%5Bb%5D=1"]),
        ({"explode": True}, None, []),
        ({"explode": True}, [], []),
        ({"explode": False}, [None], []),
        ({"explode": True}, {"a": None}, []),
        ({"explode": True}, True, ["color=true"]),
        ({"explode": True}, [{"a": 1}], ["color=%7B%22a%22%3A1%7D"]),
        ({"explode": False, "as_json": True}, {"a": [1]}, ["color=%7B%22a%22%3A%5B1%5D%7D"]),
        ({"explode": True, "spares_reserved": True}, "a/b?c&d=e#f[g]+", ["color=a/b?c%26d%3De%23f%5Bg%5D%2B"]),
    ],
)
def test_queries(options: dict[str, Any], value: Any, pairs: list[str]) -> None:
    assert query_texts(parameter(options.pop("style", "form"), options.pop("explode"), **options), value) == pairs


def test_deep_objects_have_a_limit() -> None:
    value: dict[str, Any] = {}
    value["a"] = value
    with pytest.raises(InvalidRequest):
        query_texts(parameter("deepObject", True), value)


def test_headers_and_cookies() -> None:
    header = parameter("simple", False, where="header")
    assert header_text(header, ARRAY) == "blue,black,brown"
    assert header_text(header, OBJECT) == "R,100,G,200,B,150"
    assert header_text(parameter("simple", True, where="header"), OBJECT) == "R=100,G=200,B=150"
    assert header_text(parameter("simple", False, where="header", as_json=True), [1]) == "[1]"
    with pytest.raises(InvalidRequest):
        header_text(header, "a\r\nb: c")
    cookie = parameter("form", False, where="cookie")
    assert cookie_header([(cookie, "a; admin=1"), (cookie, None), (cookie, [1, 2])]) == "color=a%3B%20admin%3D1; color=1,2"
    assert cookie_header([(cookie, None)]) is None


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    st.sampled_from(["form", "deepObject"]),
    st.booleans(),
    st.booleans(),
)
def test_no_value_starts_another_parameter(value: Any, style: Style, explode: bool, spares: bool) -> None:
    for pair in query_texts(parameter(style, explode, spares_reserved=spares), value):
        assert pair.count("=") == 1
        assert not {*"&#+ \r\n\\"} & set(pair)
        assert pair.isascii()
