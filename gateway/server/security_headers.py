"""Headers that keep browsers from doing with an answer what it is not for (OWASP Secure Headers Project)."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS = ((b"strict-transport-security", b"max-age=31536000"),)
"""Where callers come by https, they are to come by nothing else (RFC 6797)."""

SAFE: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)
"""On every answer: its type is not guessed at, nobody on the way keeps it, and links in it don't tell where they stood."""

HTML = b"text/html"
PAGE: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"),
)
"""On every page: it runs nothing that comes from elsewhere or stands in the page itself, and nobody frames it."""


def with_safe_headers(headers: Iterable[tuple[bytes, bytes]], content_type: bytes) -> list[tuple[bytes, bytes]]:
    """The headers and, where one of their names is not there, those above."""
    headers = list(headers)
    own = {name for name, _ in headers}
    wanted = (*SAFE, *PAGE) if content_type.startswith(HTML) else SAFE
    return [*(each for each in wanted if each[0] not in own), *headers]


class SafePages:
    """Puts them on what Starlette answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(name.lower(), value) for name, value in message.get("headers", ())]
                message = {**message, "headers": with_safe_headers(headers, dict(headers).get(b"content-type", b""))}
            await send(message)

        await self._app(scope, receive, send_safe if scope["type"] == "http" else send)
