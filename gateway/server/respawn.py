"""How soon a worker that has ended is replaced: at once, but ever later where its successors end soon too."""

from __future__ import annotations

FIRST = 0.05
LONGEST = 10.0
"""Seconds before a replacement is started, at least and at most; each wait is twice the one before."""

SOUND = 10.0
"""Seconds after which a worker is thought to have been all right."""


class Respawn:
    """For one seat."""

    def __init__(self) -> None:
        self._wait = FIRST

    def wait(self, lived: float) -> float:
        """Seconds until the next worker may be started, where the last one lived so long."""
        if lived >= SOUND:
            self._wait = FIRST
        wait = self._wait
        self._wait = min(wait * 2, LONGEST)
        return wait
