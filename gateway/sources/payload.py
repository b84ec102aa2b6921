"""Request bodies: data to bytes, by content type."""

from __future__ import annotations

from typing import Any

from gateway.sdk import InvalidRequest
from gateway.sources.wire_text import json_of, query_pairs

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def is_json(media_type: str) -> bool:
    """Whether a media type (without parameters) holds JSON (RFC 6839 §3.1)."""
    return media_type == JSON or media_type.endswith("+json")


def supported(content_type: str) -> bool:
    """Whether `encode_body` can write this content type."""
    media_type = _media_type(content_type)
    return is_json(media_type) or media_type == FORM or _is_text(media_type)


def encode_body(content_type: str, value: Any) -> bytes:
    """JSON; a form from an object (lists repeat the name, nulls are left out); text from a string. Else `InvalidRequest`."""
    media_type = _media_type(content_type)
    if is_json(media_type):
        return json_of(value)
    if media_type == FORM and isinstance(value, dict):
        return "&".join(pair for name, item in value.items() for pair in query_pairs(name, item)).encode()
    if _is_text(media_type) and isinstance(value, str):
        return utf8(value)
    raise InvalidRequest("The body does not fit its content type.")


def utf8(text: str) -> bytes:
    """Raises `InvalidRequest` for a lone surrogate."""
    try:
        return text.encode()
    except UnicodeEncodeError as fault:
        raise InvalidRequest("An argument holds half a character (a lone surrogate).") from fault


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type == "application/xml" or media_type.endswith("+xml")
