"""What a client is busy with."""

from __future__ import annotations

import msgspec


class Stats(msgspec.Struct, frozen=True):
    """`open` connections (in use or idle), those of them that are `idle`, and the callers `waiting` for a place."""

    open: int
    idle: int
    waiting: int
