"""How a value becomes part of a request: path segment, query pair, header, body. Whatever can't be sent is `InvalidRequest`."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any
from urllib.parse import quote

import msgspec

from gateway.sdk import InvalidRequest

_UNSENDABLE = re.compile(r"[^\t\x20-\x7e]")
_UNFORWARDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_SEPARATORS = re.compile(r"[/\\]")


def text_of(value: Any) -> str:
    """A string as it is; numbers and booleans as JSON; lists and objects as compact JSON."""
    return value if isinstance(value, str) else json_of(value).decode()


def json_of(value: Any) -> bytes:
    """Compact JSON. Raises `InvalidRequest` for what JSON can't hold (NaN, lone surrogates, endless nesting)."""
    if isinstance(value, float) and not isfinite(value):
        raise InvalidRequest("An argument is not a finite number.")
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as fault:
        raise InvalidRequest("An argument can't be written as JSON.") from fault


def percent_encoded(text: str, safe: str = "") -> str:
    """Everything but unreserved characters (RFC 3986 §2.3) and `safe` as `%XX` of its UTF-8 bytes."""
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError as fault:
        raise InvalidRequest("An argument holds half a character (a lone surrogate).") from fault


def path_value(name: str, value: Any) -> str:
    """A value for a place in a path, encoded.

    Refused are null, lists and objects, the empty text, and dot segments: `.` and `..`, also as a part between slashes or
    backslashes, since many backends decode `%2F` before they resolve the path.
    """
    if value is None or isinstance(value, list | dict):
        raise InvalidRequest(f"`{name}` can't be part of a path.")
    text = text_of(value)
    if not text:
        raise InvalidRequest(f"`{name}` must not be empty.")
    check_segments(name, text)
    return percent_encoded(text)


def check_segments(name: str, text: str) -> None:
    """Raises `InvalidRequest` where a part of `text` between slashes or backslashes is a dot segment (RFC 3986 §3.3)."""
    if "." in text and not {".", ".."}.isdisjoint(_SEPARATORS.split(text)):
        raise InvalidRequest(f"`{name}` must not hold the path segments `.` and `..`.")


def query_pairs(name: str, value: Any) -> list[str]:
    """`name=value`, encoded: once for a scalar or an object (as JSON), repeated for a list; nulls are left out."""
    values = value if isinstance(value, list) else [value]
    encoded = percent_encoded(name)
    return [f"{encoded}={percent_encoded(text_of(item))}" for item in values if item is not None]


def header_value(name: str, value: Any) -> str:
    """A value for a header field: visible ASCII, space and tab (RFC 9110 §5.5). A list is joined by `, `.

    Control characters would split the request, other characters have no agreed encoding: both are refused.
    """
    text = ", ".join(text_of(item) for item in value if item is not None) if isinstance(value, list) else text_of(value)
    if _UNSENDABLE.search(text):
        raise InvalidRequest(f"The value for the header `{name}` holds characters that a header can't carry.")
    return text.strip(" \t")


def forwarded_value(name: str, text: str) -> str:
    """A caller's header, passed on byte for byte (the text holds one character a byte); control characters are refused."""
    if _UNFORWARDABLE.search(text):
        raise InvalidRequest(f"The header `{name}` holds characters that a header can't carry.")
    return text.strip(" \t")
