"""What a route's own answer may be: asked at load of what is written, and at run time of what is computed."""

from __future__ import annotations

import re
from typing import Any

OWN_HEADERS = frozenset(
    {"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "te", "date", "x-request-id"}
)
"""Response headers that the gateway writes itself."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def sendable_status(value: Any) -> int | None:
    """The final HTTP status (RFC 9110 §15) that a number or its text names, from 200 to 599; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 200 <= value <= 599:
        return None
    return value


def sendable_header(name: str) -> bool:
    """Whether this is a field name (RFC 9110 §5.1) that a route may set."""
    return _HEADER_NAME.fullmatch(name) is not None and name.lower() not in OWN_HEADERS
