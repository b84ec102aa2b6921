"""What a backend's bytes mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import BadResponse
from gateway.sources.decoding import MAX_DEPTH, decode_body, decode_json

JSON = {"content-type": "application/json"}
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (JSON, b' {"a": [1, "\xc3\xbc"]} ', {"a": [1, "ü"]}),
        ({"content-type": "application/problem+json; charset=utf-8"}, b"{}", {}),
        (JSON, b"\xef\xbb\xbf[1]", [1]),
        (JSON, b" \n", None),
        ({"content-type": "Application/JSON;charset=ISO-8859-1"}, b'["\xfc"]', ["ü"]),
        ({"content-type": "text/html"}, b"[1]", [1]),
        ({"content-type": "text/plain"}, b"[not json]", "[not json]"),
        ({"content-type": "text/plain; charset=windows-1252"}, b"\x80 5", "€ 5"),
        ({"content-type": "application/xml"}, b"<a/>", "<a/>"),
        ({"content-type": "application/octet-stream"}, b'{"a": 1}', {"a": 1}),
        ({}, b'{"a": 1}', {"a": 1}),
        ({}, b"12", 12),
        ({}, b"pong", "pong"),
    ],
)
def test_bodies(headers: dict[str, str], body: bytes, expected: Any) -> None:
    assert decode_body(200, headers, body) == expected


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b"NaN"),
        (JSON, b'{"a": 1e400}'),
        (JSON, b'{"a": 1, "b": {"c": 1, "c": 1}}'),
        (JSON, b'{"\\u0061": 1, "a": 2}'),
        (JSON, b'["\\ud800"]'),
        (JSON, b'["\xff"]'),
        (JSON, b"<html>"),
        (JSON, b'{"a": 1'),
        (JSON, b"9" * 5000),
        ({"content-type": "image/png"}, b"\x89PNG"),
        ({"content-type": "application/octet-stream"}, b"{]"),
        ({"content-type": "text/plain"}, b"\xff\xfe"),
        ({}, b"\xff\xfe"),
    ],
)
def test_what_cant_be_read(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(BadResponse):
        decode_body(200, headers, body)
    assert decode_body(500, headers, body) is None


@pytest.mark.parametrize("status", [204, 205, 304])
def test_statuses_without_a_body(status: int) -> None:
    assert decode_body(status, JSON, b"{") is None
    assert decode_body(200, JSON, b"") is None


def nested(depth: int) -> bytes:
    return b'{"a":[' * (depth // 2) + b"]}" * (depth // 2)


def test_nesting_has_a_limit() -> None:
    decode_json(nested(MAX_DEPTH))
    decode_json(b'["' + b"[" * 1000 + b'"]')
    decode_json(b"[" + b",".join([b'{"a":[{}]}'] * 1000) + b"]")
    for deep in (nested(MAX_DEPTH + 2), nested(900), b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000):
        with pytest.raises(BadResponse):
            decode_json(deep)


@given(plain_json, st.booleans())
def test_json_round_trips(value: Any, ascii_only: bool) -> None:
    assert decode_json(json.dumps(value, ensure_ascii=ascii_only, indent=1 if ascii_only else None).encode()) == value


@given(st.binary(), st.sampled_from(["", "application/json", "text/plain; charset=utf-16", "x/y", "application/json; charset=utf-16"]))
def test_any_bytes_are_data_or_a_bad_response(body: bytes, content_type: str) -> None:
    try:
        decode_body(200, {"content-type": content_type}, body)
    except BadResponse:
        assert decode_body(404, {"content-type": content_type}, body) is None
