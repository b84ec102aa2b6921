"""What goes wrong between the gateway and a Redis server."""

from __future__ import annotations

UNKNOWN_SCRIPT = "NoScriptError"
"""The reason where the server does not know a script by its digest (any more)."""


class RedisFault(Exception):
    """The server could not be asked, or did not answer as asked; the message is for operators and holds nothing that a server sent.

    `lost` says that the connection ended, `refused` that the server answered with an error.
    """

    def __init__(self, reason: str, *, lost: bool = False, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lost = lost
        self.refused = refused
