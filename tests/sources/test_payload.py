"""Request bodies by content type."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sdk import InvalidRequest
from gateway.sources.payload import encode_body, is_json, supported


@pytest.mark.parametrize(
    ("content_type", "value", "body"),
    [
        ("application/json", None, b"null"),
        ("application/merge-patch+json; charset=utf-8", {"a": "ü"}, '{"a":"ü"}'.encode()),
        ("application/x-www-form-urlencoded", {"a b": ["c&d", 1], "n": None}, b"a%20b=c%26d&a%20b=1"),
        ("text/csv", "a;b", b"a;b"),
        ("application/soap+xml", "<a/>", b"<a/>"),
    ],
)
def test_bodies(content_type: str, value: Any, body: bytes) -> None:
    assert supported(content_type)
    assert encode_body(content_type, value) == body


@pytest.mark.parametrize(
    ("content_type", "value"),
    [
        ("image/png", "x"),
        ("text/plain", {"a": 1}),
        ("application/x-www-form-urlencoded", [1]),
        ("text/plain", "\ud800"),
        ("application/json", "\ud800"),
    ],
)
def test_what_doesnt_fit(content_type: str, value: Any) -> None:
    with pytest.raises(InvalidRequest):
        encode_body(content_type, value)


def test_media_types() -> None:
    assert is_json("application/hal+json")
    assert not is_json("application/jsonp")
    assert not supported("multipart/form-data")
