"""A response, ready to be sent."""

from __future__ import annotations

import msgspec
from starlette.types import Send

from gateway.server.security_headers import with_safe_headers

JSON = b"application/json"

PIECE = 128 * 1024
"""Bytes that are handed on at once: what a client hasn't read yet is seen between two, over TLS too."""


class Outgoing(msgspec.Struct, frozen=True):
    """Status, body, its type, and further headers (names in lower case)."""

    status: int
    body: bytes = b""
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as sent. One of `headers` takes the place of the default of its name."""
        headers = with_safe_headers(self.headers, self.content_type)
        if self.body or self.status not in (204, 304):
            headers.append((b"content-length", str(len(self.body)).encode()))
        if self.body and not any(name == b"content-type" for name, _ in self.headers):
            headers.append((b"content-type", self.content_type))
        return headers

    async def send(self, send: Send) -> None:
        """Sends it, a large one as fast as it is read."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.all_headers()})
        last = 0
        for end in range(PIECE, len(self.body), PIECE):
            await send({"type": "http.response.body", "body": self.body[last:end], "more_body": True})
            last = end
        await send({"type": "http.response.body", "body": self.body[last:]})
