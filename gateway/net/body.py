"""The body of an answer, collected under a limit and unpacked as it arrives, so that no answer takes more memory than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Protocol

from gateway.sdk import BadResponse

GZIP = 16 + zlib.MAX_WBITS
ZLIB = zlib.MAX_WBITS
RAW = -zlib.MAX_WBITS
MAX_MEMBERS = 100
TOO_LONG = "A backend's answer is too long."
NOT_UNPACKED = "A backend's answer could not be unpacked."


class Body(Protocol):
    """Takes a body piece by piece. Both methods raise BadResponse."""

    def feed(self, data: bytes) -> None: ...
    def finish(self) -> bytes: ...


def body_for(headers: Mapping[str, str], limit: int) -> Body:
    """The collector that an answer's headers ask for. Raises BadResponse for one that says itself that it is too long."""
    length = headers.get("content-length", "0")
    if len(length) > 18 or (length.isdecimal() and int(length) > limit):
        raise BadResponse(TOO_LONG)
    encoding = headers.get("content-encoding")
    match encoding and encoding.strip().lower():
        case None | "" | "identity":
            return PlainBody(limit)
        case "gzip" | "x-gzip":
            return PackedBody(limit, GZIP)
        case "deflate":
            return PackedBody(limit, None)
    raise BadResponse("A backend's answer is packed in a way that was not asked for.")


class PlainBody:
    """A body as it is."""

    __slots__ = ("_parts", "_room")

    def __init__(self, limit: int) -> None:
        self._parts: list[bytes] = []
        self._room = limit

    def feed(self, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            raise BadResponse(TOO_LONG)
        self._parts.append(data)

    def finish(self) -> bytes:
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


class PackedBody:
    """A body in gzip (RFC 1952, of several members too) or deflate.

    `window` is zlib's word for the format; None stands for `deflate`, which is zlib's format by RFC 9110 §8.4.1.2 but sent raw by
    some servers, so its first two bytes decide. The limit holds for the bytes that arrive as well as for what they unpack to.
    """

    __slots__ = ("_limit", "_members", "_packed", "_room", "_start", "_unpacked", "_unpacker", "_window")

    def __init__(self, limit: int, window: int | None) -> None:
        self._limit = limit
        self._window = window
        self._start = b""
        self._packed = 0
        self._room = limit
        self._members = 0
        self._unpacked: list[bytes] = []
        self._unpacker = zlib.decompressobj(window) if window else None

    def feed(self, data: bytes) -> None:
        self._packed += len(data)
        if self._packed > self._limit:
            raise BadResponse(TOO_LONG)
        if self._unpacker is None:
            self._start += data
            if len(self._start) < 2:
                return
            data, self._start = self._start, b""
            self._unpacker = zlib.decompressobj(ZLIB if is_zlib(data) else RAW)
        try:
            self._unpack(self._unpacker, data)
        except zlib.error as fault:
            raise BadResponse(NOT_UNPACKED) from fault

    def _unpack(self, unpacker: zlib._Decompress, data: bytes) -> None:
        while data:
            if unpacker.eof:
                unpacker = self._unpacker = self._next_member()
            piece = unpacker.decompress(data, self._room + 1)
            self._room -= len(piece)
            if self._room < 0:
                raise BadResponse(TOO_LONG)
            self._unpacked.append(piece)
            data = unpacker.unused_data or unpacker.unconsumed_tail

    def _next_member(self) -> zlib._Decompress:
        self._members += 1
        if self._window != GZIP or self._members == MAX_MEMBERS:
            raise BadResponse(NOT_UNPACKED)
        return zlib.decompressobj(GZIP)

    def finish(self) -> bytes:
        if self._packed and (self._unpacker is None or not self._unpacker.eof):
            raise BadResponse("A backend's answer was cut short.")
        return b"".join(self._unpacked)


def is_zlib(data: bytes) -> bool:
    """Whether the first two bytes are a zlib header (RFC 1950 §2.2): method 8, and a multiple of 31 together."""
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
