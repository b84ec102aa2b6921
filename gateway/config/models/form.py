"""How a text has to look, in words: for the message where a pattern is not met."""

from __future__ import annotations

import msgspec


def form(words: str) -> msgspec.Meta:
    """The words behind "must be", as `x-gateway-form` in the schema."""
    return msgspec.Meta(extra_json_schema={"x-gateway-form": words})
