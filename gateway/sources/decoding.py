"""What a backend's bytes mean. Strict, because what is read here is trusted by everything behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.sdk import BadResponse

MAX_DEPTH = 128
"""Deepest nesting of lists and objects: well below where recursive readers of the data would give up."""

_NO_BODY = frozenset({204, 205, 304})
_CHARSETS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "latin-1", "latin1": "latin-1",
    "iso-8859-15": "iso-8859-15", "windows-1252": "cp1252", "cp1252": "cp1252", "utf-16": "utf-16", "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}  # fmt: skip
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_TOO_DEEP = b"[" * (MAX_DEPTH + 1)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def decode_body(status_code: int, headers: Mapping[str, str], body: bytes) -> Any:
    """The body as data; None where there is none.

    JSON by its content type, or by its looks where the content type is missing or wrong; other text as a string. Raises
    `BadResponse` for what can't be read; with a status outside 2xx it gives None instead, so that a failure keeps its status.
    """
    if not body or status_code in _NO_BODY:
        return None
    try:
        return _decode(headers.get("content-type", ""), body)
    except BadResponse:
        if 200 <= status_code < 300:
            raise
        return None


def decode_json(raw: bytes) -> Any:
    """JSON (RFC 8259) without duplicate member names, numbers beyond a double, and nesting beyond `MAX_DEPTH`."""
    try:
        if not _depth_allowed(raw):
            raise BadResponse("A backend's answer is nested too deeply.")
        value = msgspec.json.decode(raw)
        if msgspec.json.encode(value) != msgspec.json.format(raw, indent=-1):
            _refuse_duplicates(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as fault:
        raise BadResponse("A backend's answer is not valid JSON.") from fault
    return value


def _decode(content_type: str, body: bytes) -> Any:
    media_type = content_type.partition(";")[0].strip().lower()
    body = body.removeprefix(_BOM)
    if media_type == "application/json" or media_type.endswith("+json"):
        return decode_json(_as_utf8(content_type, body)) if body.strip() else None
    if body.lstrip()[:1] in (b"{", b"["):
        try:
            return decode_json(_as_utf8(content_type, body))
        except BadResponse:
            if not _is_text(media_type):
                raise
    if not media_type:
        return _json_scalar_or_text(body)
    if _is_text(media_type):
        return _text(content_type, body)
    raise BadResponse("A backend's answer has a content type that can't be read.")


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type == "application/xml" or media_type.endswith("+xml")


def _json_scalar_or_text(body: bytes) -> Any:
    try:
        return decode_json(body)
    except BadResponse:
        return _text("", body)


def _text(content_type: str, body: bytes) -> str:
    try:
        return body.decode(_charset(content_type))
    except UnicodeDecodeError as fault:
        raise BadResponse("A backend's answer is not text of its stated encoding.") from fault


def _as_utf8(content_type: str, body: bytes) -> bytes:
    charset = _charset(content_type)
    return body if charset == "utf-8" else _text(content_type, body).encode()


def _charset(content_type: str) -> str:
    stated = _CHARSET.search(content_type)
    return _CHARSETS.get(stated[1].lower(), "utf-8") if stated else "utf-8"


def _depth_allowed(raw: bytes) -> bool:
    brackets = raw.translate(_ONE_KIND, _NO_BRACKETS)
    if len(brackets) <= 2 * MAX_DEPTH:
        return True
    return _collapses(brackets) or _collapses(_JSON_STRING.sub(b"", raw).translate(_ONE_KIND, _NO_BRACKETS))


def _collapses(brackets: bytes) -> bool:
    """Whether taking away innermost pairs leaves nothing within `MAX_DEPTH` rounds."""
    for _ in range(MAX_DEPTH):
        if not brackets or _TOO_DEEP in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return not brackets


def _refuse_duplicates(raw: bytes) -> None:
    json.loads(raw, object_pairs_hook=_distinct)


def _distinct(members: list[tuple[str, Any]]) -> dict[str, Any]:
    distinct = dict(members)
    if len(distinct) != len(members):
        raise ValueError("a member name is there twice")
    return distinct
