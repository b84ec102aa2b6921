"""What was found out about tokens, kept by digest: no token is kept, and there is only so much of it."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from gateway.sdk import Caller

MOST = 10_000
"""Tokens that are remembered; the one unused for longest goes first."""

Kept = TypeVar("Kept")


class Verified(msgspec.Struct, frozen=True):
    """Who a token stands for, until when, and by which names (`jti`, `sub`) it may be revoked."""

    caller: Caller
    expires: datetime
    token_id: str | None = None
    subject: str | None = None


class Recent(Generic[Kept]):
    """A mapping of digests that holds the `most` that were used last."""

    __slots__ = ("_kept", "_most")

    def __init__(self, most: int = MOST) -> None:
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, digest: bytes) -> Kept | None:
        """What is kept, which counts as a use."""
        kept = self._kept.get(digest)
        if kept is not None:
            self._kept.move_to_end(digest)
        return kept

    def put(self, digest: bytes, value: Kept) -> None:
        """Keeps a value in place of any other."""
        self._kept[digest] = value
        self._kept.move_to_end(digest)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, digest: bytes) -> None:
        """Forgets one."""
        self._kept.pop(digest, None)

    def clear(self) -> None:
        """Forgets all."""
        self._kept.clear()


class TokenCache:
    """Verified tokens: each until it expires."""

    __slots__ = ("_recent",)

    def __init__(self, most: int = MOST) -> None:
        self._recent: Recent[Verified] = Recent(most)

    def __len__(self) -> int:
        return len(self._recent)

    def get(self, digest: bytes, now: datetime) -> Verified | None:
        """The token's bearer, where it was verified before and has not expired since."""
        verified = self._recent.get(digest)
        if verified is not None and now >= verified.expires:
            self._recent.drop(digest)
            return None
        return verified

    def put(self, digest: bytes, verified: Verified) -> None:
        """Remembers a token that was verified."""
        self._recent.put(digest, verified)

    def clear(self) -> None:
        """Forgets all: what they were verified with holds no more."""
        self._recent.clear()
