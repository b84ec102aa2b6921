"""The failure of a call that never began."""

from __future__ import annotations

from gateway.sdk import Unavailable


class Unconnected(Unavailable):
    """No connection could be made: refused, unreachable, no such name, no TLS, too slow. No byte of the request was sent, so that
    another server may be asked at once, whatever the request does.
    """

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message)
        self.unsent = True
