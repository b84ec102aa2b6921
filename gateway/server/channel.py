"""What the supervisor and its workers say to each other: messages over a pair of sockets, each with its length in front.

Neither side waits for the other: what can't be sent at once is kept, and sent when there is room.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Literal

import msgspec

Stage = Literal["starting", "serving", "draining"]

LARGEST = 256 << 20
"""Bytes of a message, and of all that may wait to be sent to one side."""

AT_A_TIME = 1 << 18

_LENGTH = struct.Struct("!I")


class Beat(msgspec.Struct, frozen=True, array_like=True, tag="beat"):
    """A worker is alive: its event loop turns."""

    stage: Stage


class Counted(msgspec.Struct, frozen=True, array_like=True, tag="counted"):
    """What a worker's metrics were (`gateway.telemetry.sums`), in case that it can't tell any more."""

    metrics: bytes


class Question(msgspec.Struct, frozen=True, array_like=True, tag="question"):
    """From a worker to all others, by way of the supervisor. `number` tells the answers apart."""

    number: int
    topic: str
    body: bytes


class Reply(msgspec.Struct, frozen=True, array_like=True, tag="reply"):
    """A worker's own answer to a question; None where it has none."""

    number: int
    body: bytes | None


class Replies(msgspec.Struct, frozen=True, array_like=True, tag="replies"):
    """What all others said, by worker; `besides` is what the supervisor adds."""

    number: int
    by_worker: dict[int, bytes | None]
    besides: tuple[bytes, ...] = ()


class Stop(msgspec.Struct, frozen=True, array_like=True, tag="stop"):
    """Asks a worker for its end; `announced` gives load balancers a moment to notice, `at_once` waits for nobody."""

    announced: bool
    at_once: bool = False


FromWorker = Beat | Counted | Question | Reply
FromSupervisor = Question | Replies | Stop
Message = FromWorker | FromSupervisor

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Beat | Counted | Question | Reply | Replies | Stop).decode


class Gone(Exception):
    """Nobody is at the other side, or who is there doesn't listen."""


class Channel:
    """One side. `pair` makes two."""

    def __init__(self, own: socket.socket) -> None:
        own.setblocking(False)
        self._socket = own
        self._received = bytearray()
        self._unsent = bytearray()

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        """Both sides."""
        one, other = socket.socketpair()
        return cls(one), cls(other)

    def fileno(self) -> int:
        """For whoever waits until there is something to read or room to write."""
        return self._socket.fileno()

    @property
    def waiting(self) -> bool:
        """Whether there is something that could not be sent yet: call `flush` when there is room."""
        return bool(self._unsent)

    def send(self, message: Message) -> None:
        """Sends a message now or later. Raises `Gone`."""
        packed = _encode(message)
        if len(packed) + len(self._unsent) > LARGEST:
            raise Gone
        self._unsent += _LENGTH.pack(len(packed)) + packed
        self.flush()

    def flush(self) -> None:
        """Sends what there is room for. Raises `Gone`."""
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent[:AT_A_TIME])]
        except BlockingIOError:
            return
        except OSError:
            raise Gone from None

    def receive(self) -> Iterator[Message]:
        """All messages that have come whole. Raises `Gone`, behind the last of them."""
        gone = False
        try:
            while chunk := self._socket.recv(AT_A_TIME):
                self._received += chunk
            gone = True
        except BlockingIOError:
            pass
        except OSError:
            gone = True
        yield from self._whole()
        if gone:
            raise Gone

    def close(self) -> None:
        """Closes this side."""
        self._socket.close()

    def _whole(self) -> Iterator[Message]:
        while len(self._received) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
            if len(self._received) < end:
                return
            packed = bytes(self._received[_LENGTH.size : end])
            del self._received[:end]
            yield _decode(packed)
