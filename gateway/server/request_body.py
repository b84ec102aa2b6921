"""The body of a request: received up to a limit of size and time, and read as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.types import Receive

from gateway.sdk import Malformed, TooLarge
from gateway.server.arrival import allowed
from gateway.server.refusals import TooSlow, UnsupportedMediaType
from gateway.server.strict_json import strict_json

LONGEST_NUMBER = 18
"""Digits of a length."""


class ClientGone(Exception):
    """The client hung up before its request was complete."""


async def receive_body(receive: Receive, headers: Mapping[str, str], most: int) -> bytes:
    """The whole body. Raises `TooLarge` as soon as more than `most` bytes are announced or there, `TooSlow` for one that doesn't keep
    the pace that `arrival` asks for, `ClientGone`."""
    if "content-length" in headers and _announced(headers["content-length"]) > most:
        raise TooLarge
    try:
        async with asyncio.timeout(allowed(0)) as clock:
            return await _receive(receive, most, clock)
    except TimeoutError:
        raise TooSlow from None


def read_json(body: bytes, headers: Mapping[str, str]) -> Any:
    """The decoded body. Raises `UnsupportedMediaType`, `Malformed`."""
    given = headers.get("content-type", "")
    if given != "application/json" and not _is_json(given):
        raise UnsupportedMediaType
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed.")
    return strict_json(body)


async def _receive(receive: Receive, most: int, clock: asyncio.Timeout) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > most:
            raise TooLarge
        return body
    began = clock.when() or 0.0
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise TooLarge
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        clock.reschedule(began + allowed(size) - allowed(0))
        message = await receive()


def _announced(length: str) -> int:
    if not (length.isascii() and length.isdigit() and len(length) <= LONGEST_NUMBER):
        raise Malformed("`Content-Length` is not a length.")
    return int(length)


def _is_json(content_type: str) -> bool:
    """`application/json` and `application/…+json`, in UTF-8."""
    media_type, *parameters = content_type.lower().split(";")
    media_type = media_type.strip()
    if media_type != "application/json" and not (media_type.startswith("application/") and media_type.endswith("+json")):
        return False
    charsets = [value for name, _, value in (parameter.strip().partition("=") for parameter in parameters) if name == "charset"]
    return all(charset.strip('"') in ("utf-8", "utf8") for charset in charsets)
