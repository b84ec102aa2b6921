"""A kept answer as bytes that processes share: its form, and the key under which it is found."""

from __future__ import annotations

import math
from collections.abc import Hashable
from hashlib import blake2b, sha256
from typing import Any, Generic, TypeVar

import msgspec

from gateway.sdk import Clock
from gateway.sdk.kept import Absence, Form, Kept
from gateway.sdk.sharing import canonical

Content = TypeVar("Content")

VERSION = b"\x01"
"""Of the form below. What has another one was written by another release, and is not there for this one."""


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """`whose` is a digest of the full key, of another kind than the one that it is found by: whatever came to stand under a key, it is
    taken only by whom it is meant for. Neither tells arguments or callers. `born` is in wall time here: processes don't share another."""

    whose: bytes
    born: float
    asked: float
    fresh: float
    while_revalidate: float
    if_error: float
    validators: float
    etag: str | None
    modified: str | None
    absence: Absence | None
    tenant: str
    tags: tuple[str, ...]
    content: msgspec.Raw


class Address:
    """Where the answer with a key is found, and how it is known again."""

    __slots__ = ("key", "whose")

    def __init__(self, name: str, revision: bytes, key: Hashable) -> None:
        whole = canonical([name, revision, key])
        self.key = b"answer/" + blake2b(whole, digest_size=32).digest()
        self.whose = sha256(whole).digest()


class AnswerCode(Generic[Content]):
    """Writes and reads the answers of one shelf."""

    def __init__(self, form: Form[Content], clock: Clock) -> None:
        self._form = form
        self._clock = clock
        self._encode = msgspec.msgpack.Encoder().encode
        self._stored = msgspec.msgpack.Decoder(_Stored)
        self._content = msgspec.msgpack.Decoder(form.packed)

    def write(self, whose: bytes, kept: Kept[Content], packed: Any) -> bytes | None:
        """None for what the form has no place for, such as numbers of more than 64 bits."""
        age = self._clock.monotonic() - kept.born
        try:
            stored = _Stored(
                whose, self._clock.now().timestamp() - age, kept.asked, kept.fresh, kept.while_revalidate, kept.if_error, kept.validators,
                kept.etag, kept.modified, kept.absence, kept.tenant, kept.tags, msgspec.Raw(self._encode(packed)),
            )  # fmt: skip
            return VERSION + self._encode(stored)
        except (OverflowError, TypeError, ValueError, RecursionError):
            return None

    def read(self, whose: bytes, written: bytes) -> Kept[Content] | None:
        """None for anything that is not an answer with this key, or of no use any more."""
        if written[:1] != VERSION:
            return None
        try:
            stored = self._stored.decode(memoryview(written)[1:])
            content = None if stored.absence is not None else self._form.unpack(self._content.decode(stored.content))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        numbers = (stored.born, stored.asked, stored.fresh, stored.while_revalidate, stored.if_error, stored.validators)
        if stored.whose != whose or not all(map(math.isfinite, numbers)):
            return None
        age = max(0.0, self._clock.now().timestamp() - stored.born)
        kept = Kept(
            content, self._clock.monotonic() - age, stored.asked, stored.fresh, stored.while_revalidate, stored.if_error, stored.absence,
            stored.etag, stored.modified, stored.validators, stored.tenant, stored.tags,
        )  # fmt: skip
        return kept if age < kept.lasts else None
