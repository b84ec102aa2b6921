"""A switch per system: as it should be, or broken in one of the ways in which systems break."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

Mode = Literal["ok", "slow", "down", "garbled"]
"""`slow` answers after `SLOW_SECONDS`, `down` resets every connection, `garbled` answers half a JSON document."""

SLOW_SECONDS = 4.0


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wish to turn a switch. `latency_ms` is how long an answer takes even when all is well; unchanged where unset."""

    name: str
    mode: Mode
    latency_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None


class Switch(msgspec.Struct):
    """One system's switch. The server looks at it with every connection and every request."""

    name: str
    mode: Mode = "ok"
    latency_ms: int = 0

    @property
    def delay(self) -> float:
        """Seconds before an answer."""
        return self.latency_ms / 1000 + (SLOW_SECONDS if self.mode == "slow" else 0)


class Switchboard:
    """All switches, by name."""

    def __init__(self, switches: Iterable[Switch]) -> None:
        self._switches = {switch.name: switch for switch in switches}

    def states(self) -> list[Switch]:
        """Every switch, in their order."""
        return list(self._switches.values())

    def turn(self, change: Change) -> None:
        """Raises `KeyError` for an unknown name."""
        switch = self._switches[change.name]
        switch.mode = change.mode
        if change.latency_ms is not None:
            switch.latency_ms = change.latency_ms
