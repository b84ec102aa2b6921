"""Where secrets come from: `GATEWAY_SECRET_<NAME>`, else a file `<name>` in the folder that `GATEWAY_SECRETS_DIR` names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_PREFIX = "GATEWAY_SECRET_"
_FOLDER = "GATEWAY_SECRETS_DIR"
_MOST_BYTES = 64 << 10


class SecretUnreadable(Exception):
    """There is a file for the secret, but it can't be used. The text says why and holds nothing of the secret."""


class Secrets:
    """Looks secrets up in the environment and in files. Its representation shows none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __repr__(self) -> str:
        return "Secrets()"

    def get(self, name: str) -> str | None:
        """The secret, or None where it is not set; one line break at the end of a file does not count.

        `name` must be a plain identifier, so that it can't leave the folder. Raises `SecretUnreadable`.
        """
        value = self._environ.get(_PREFIX + name.upper())
        folder = self._environ.get(_FOLDER)
        if value is not None or not folder:
            return value
        try:
            path = Path(folder, name)
            return _read(path) if path.exists() else None
        except (OSError, ValueError) as fault:
            raise SecretUnreadable("its file can't be read") from fault

    @staticmethod
    def how_to_set(name: str) -> str:
        """The hint for a secret that is not set."""
        return f"set {_PREFIX}{name.upper()}, or put it in a file `{name}` in the folder that {_FOLDER} names"


def _read(path: Path) -> str:
    if not path.is_file():
        raise SecretUnreadable("it is not a file")
    with path.open("rb") as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise SecretUnreadable(f"its file has more than {_MOST_BYTES >> 10} KiB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretUnreadable("its file is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")
