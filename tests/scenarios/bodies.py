"""Request bodies that are almost right, in a thousand ways, and ones that are nothing at all. Made from a seed."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from typing import Any

import msgspec

INTENTS = ("track_order", "collect", "note", "internal_one", "Track_Order", "track", "", "\0", "intent.track_order", "../track_order")
INPUTS = ("order_id", "n", "amount", "text", "date", "flag", "rows", "more", "names", "options", "depth", "a/b", "")
MEMBERS = ("session", "locale", "channel", "message", "fields", "version", "mode", "idempotency_key", "inputs", "__proto__", "", "intent")
TEXTS = (
    "1007", "7", "-0", "1e400", "NaN", "true", "null", "", " ", "2026-02-29", "2026-11-20", "2026-11-20T24:00:00Z", "0001-01-01",
    "9999-12-31", "EUR", "de-DE", "en", "zz-ZZ-x", "${ user.id }", "$${", "`1`", "a" * 300, "\u0000", "\u2028", "é\u0301", "\U0001f600",
    "\u202e", "'; DROP TABLE x", "../../etc/passwd", "%2e%2e", "a\r\nb: c", "track 1007", "where is my order", "note this",
)  # fmt: skip
NUMBERS = (0, -1, 1, 7, 50, 51, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**30, 0.1, -0.0, 1e308, 5e-324, 1.5)
TOKENS = (
    b"NaN", b"Infinity", b"1e999", b"-", b"01", b"\\ud800", b"\\u0000", b"\xff", b"\xc0\xaf", b"\xef\xbb\xbf", b"\x00", b"[" * 70,
    b"{" * 70, b'{"a":' * 200, b"[" * 5_000, b"'", b"//", b",", b":", b'"', b"}", b"]", b"true", b"null", b"\\", b"9" * 400, b" " * 100,
)  # fmt: skip
MESSAGES = ("track 1007", "track", "where is my order 1007?", "compute 7 times", "note rain", "compute x times", "Track  1007 !", "")
TYPES = ("application/json",) * 40 + (
    "application/json; charset=utf-8",
    "application/problem+json",
    "application/json; charset=utf-16",
    "text/plain",
)
HEADERS = (
    (b"x-deadline-ms", (b"1", b"5", b"500", b"0", b"-1", b"9" * 30, b"")),
    (b"idempotency-key", (b"k1", b"", b"a b", b"k" * 300)),
    (b"accept-language", (b"de-AT", b"*;q=0", b"en;q=2, de;q=0.1", b"x" * 200)),
    (b"traceparent", (b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01", b"00-0-0-0", b"\xff")),
    (b"x-request-id", (b"r-1", b"", b"a b", b"x" * 80)),
)
Headers = list[tuple[bytes, bytes]]


class Bodies:
    """Draws bodies and headers of `POST /v1/chat`; half of the intents asked for are of `more`."""

    def __init__(self, seed: int, more: Sequence[str]) -> None:
        self._random = random.Random(seed)
        self._more = more

    def draw(self) -> tuple[bytes, Headers]:
        """The next request."""
        drawn = self._random.random()
        if drawn < 0.05:
            body = self._random.randbytes(self._random.randrange(200))
        else:
            body = msgspec.json.encode(self._request() if drawn < 0.9 else self._value())
            if drawn > 0.75:
                body = self._damaged(body)
        return body, self._headers()

    def _request(self) -> dict[str, Any]:
        request: dict[str, Any] = {}
        if self._chance(0.85):
            request["intent"] = self._one(self._more if self._chance(0.5) else INTENTS[:3] if self._chance(0.8) else INTENTS)
            request["input"] = self._input() if self._chance(0.95) else self._value()
        if self._chance(0.2):
            request["message"] = self._one(MESSAGES) if self._chance(0.7) else self._value()
        while self._chance(0.2):
            request[self._one(MEMBERS)] = self._value()
        return request

    def _input(self) -> dict[str, Any]:
        given = {"order_id": "1007"} if self._chance(0.7) else {}
        return given | {self._one(INPUTS): self._value() for _ in range(self._random.randrange(4))}

    def _value(self, depth: int = 0) -> Any:
        drawn = self._random.random()
        if drawn < 0.35:
            return self._one(TEXTS)
        if drawn < 0.45:
            return "".join(self._random.choices(string.printable, k=self._random.randrange(12)))
        if drawn < 0.7:
            return self._one(NUMBERS)
        if drawn < 0.8 or depth > 3:
            return self._one((True, False, None))
        if drawn < 0.9:
            return [self._value(depth + 1) for _ in range(self._random.randrange(5))]
        return {self._one(INPUTS): self._value(depth + 1) for _ in range(self._random.randrange(4))}

    def _damaged(self, body: bytes) -> bytes:
        for _ in range(self._random.randrange(1, 4)):
            start = self._random.randrange(len(body) + 1)
            end = min(len(body), start + self._random.randrange(6))
            middle = self._one((b"", self._one(TOKENS), body[start:end] * 2, self._random.randbytes(2)))
            body = body[:start] + middle + body[end:]
        return body

    def _headers(self) -> Headers:
        headers = [(b"content-type", self._one(TYPES).encode())]
        if self._chance(0.15):
            name, values = self._one(HEADERS)
            headers += [(name, self._one(values))] * (2 if self._chance(0.1) else 1)
        return headers

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _one(self, choices: Sequence[Any]) -> Any:
        return self._random.choice(choices)
