"""What operators set while the gateway runs and that is to outlast it: texts by name, kept beside the records."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


class SettingStore(Protocol):
    """Keeps one text for each name. Several processes may write at once: of two texts for one name the later by its `at` stays.

    `read` and `write` block, for seconds at most where the store doesn't answer, connect anew each time, and raise `RecordsUnavailable`.
    """

    def exists(self) -> bool:
        """False where nothing can have been written yet; found out at once, without asking anybody."""

    def read(self, part: str) -> list[str]:
        """All texts of a part of the gateway, by name; none where nothing was ever written. It makes nothing."""

    def write(self, part: str, name: str, text: str, at: float) -> None:
        """Keeps a text, durably when it returns. `at` is when it was set, in seconds since the epoch."""


@runtime_checkable
class KeepsSettings(Protocol):
    """A store of records that has a place for settings too."""

    def settings(self) -> SettingStore: ...
