"""Takes credentials out of what a backend sends back: some repeat the request that they complain about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.sdk import Response

BLOT = "[redacted]"

SHORTEST = 8
"""Characters; a shorter credential could be a word of the data itself, and is left alone."""

_NEVER_ESCAPED = re.compile(r"[0-9A-Za-z._~-]+")
"""What every encoding of text that backends use writes as it is: JSON may write `/` as `\\/` and `+` as `\\u002b`."""


class Redaction:
    """Knows the secrets of one call. Its representation shows none.

    Most answers repeat nothing: they are only searched, for a part of each secret that looks the same in every encoding.
    """

    __slots__ = ("_needles", "_texts")

    def __init__(self, texts: Iterable[str]) -> None:
        # The longest first: one may be part of another.
        self._texts = tuple(sorted({text for text in texts if len(text) >= SHORTEST}, key=len, reverse=True))
        self._needles = tuple(max(_NEVER_ESCAPED.findall(text), key=len, default="").encode() for text in self._texts)

    def __repr__(self) -> str:
        return "Redaction()"

    def suspects(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether an answer may hold one of the secrets. The body is as it came, unpacked."""
        if not self._texts:
            return False
        if any(needle in body for needle in self._needles) or "utf-16" in headers.get("content-type", "").lower():
            return True
        return any(text in value for value in headers.values() for text in self._texts)

    def clean(self, response: Response) -> Response:
        """The answer with a blot for each secret, in names as in values."""
        headers = {name: self._text(value) for name, value in response.headers.items()}
        return Response(self._value(response.body), response.status_code, headers)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, dict):
            return {self._text(name): self._value(item) for name, item in value.items()}
        return value

    def _text(self, text: str) -> str:
        for secret in self._texts:
            text = text.replace(secret, BLOT)
        return text
