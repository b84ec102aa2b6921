"""Where secrets come from: `GATEWAY_SECRET_<NAME>`, else a file `<name>` in the folder that `GATEWAY_SECRETS_DIR` names.

A secret is read once for all documents of a load, so that they agree. Files may change while the gateway runs: `changes` looks for
that. Variables of the environment can't.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.config.secret_file import SecretFile, SecretUnreadable, Stamp

__all__ = ["SecretChange", "SecretUnreadable", "Secrets"]

_PREFIX = "GATEWAY_SECRET_"
_FOLDER = "GATEWAY_SECRETS_DIR"


class SecretChange:
    """What became of a file: its new value, or (where that is None) why the last one stays. The representation shows nothing."""

    __slots__ = ("fault", "name", "stamp", "value")

    def __init__(self, name: str, stamp: Stamp | None, value: str | None, fault: str | None) -> None:
        self.name = name
        self.stamp = stamp
        self.value = value
        self.fault = fault


class Secrets:
    """Looks secrets up in the environment and in files. Its representation shows none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._values: dict[str, str | None] = {}
        self._stamps: dict[str, Stamp | None] = {}

    def __repr__(self) -> str:
        return "Secrets()"

    def get(self, name: str) -> str | None:
        """The secret, or None where it is not set; one line break at the end of a file does not count.

        `name` must be a plain identifier, so that it can't leave the folder. Raises `SecretUnreadable`.
        """
        if name not in self._values:
            self._values[name] = self._read(name)
        return self._values[name]

    @property
    def watched(self) -> bool:
        """Whether a secret that was asked for is, or could be, in a file."""
        return bool(self._stamps)

    def changes(self) -> list[SecretChange]:
        """The files that are not as they were, of those that were asked for. Reads files: called off the event loop; changes nothing."""
        return [change for name, stamp in self._stamps.items() if (change := self._change(name, stamp)) is not None]

    def accept(self, change: SecretChange) -> bool:
        """Takes a change over. False where the value is the same as before."""
        self._stamps[change.name] = change.stamp
        if change.value is None or change.value == self._values[change.name]:
            return False
        self._values[change.name] = change.value
        return True

    @staticmethod
    def how_to_set(name: str) -> str:
        """The hint for a secret that is not set."""
        return f"set {_PREFIX}{name.upper()}, or put it in a file `{name}` in the folder that {_FOLDER} names"

    def _read(self, name: str) -> str | None:
        value = self._environ.get(_PREFIX + name.upper())
        if value is not None:
            if not value:
                raise SecretUnreadable("its variable is empty")
            return value
        file = self._file(name)
        if file is None:
            return None
        stamp = file.stamp()
        value = None if stamp is None else file.read()
        self._stamps[name] = stamp
        return value

    def _change(self, name: str, known: Stamp | None) -> SecretChange | None:
        file = self._file(name)
        if file is None:
            return None
        try:
            stamp = file.stamp()
            if stamp == known:
                return None
            if stamp is None:
                return SecretChange(name, None, None, "its file is gone")
            value = file.read()
            # A file that changed while it was read is looked at again the next time.
            return SecretChange(name, stamp, value, None) if file.stamp() == stamp else None
        except SecretUnreadable as fault:
            return SecretChange(name, stamp, None, str(fault))

    def _file(self, name: str) -> SecretFile | None:
        folder = self._environ.get(_FOLDER)
        return SecretFile(Path(folder, name)) if folder else None
