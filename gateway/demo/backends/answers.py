"""How the demo's systems answer."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response


def found(value: Any, status: int = 200) -> Response:
    """`value` (structs included) as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def refused(status: int, code: str, message: str) -> Response:
    """A business error, as `{"error": {"code", "message"}}`."""
    return found({"error": {"code": code, "message": message}}, status)


def number_between(text: str | None, lowest: int, highest: int, default: int) -> int | None:
    """A query parameter as a number; None where it is none, or out of bounds."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    number = int(text)
    return number if lowest <= number <= highest else None
