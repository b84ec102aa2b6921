"""Tokens that are refused although they are genuine: the deny list of one issuer, by token (`jti`) or by subject (`sub`).

The file has one entry a line, `jti <id>` or `sub <subject>`; empty lines and those that begin with `#` say nothing. It is looked at
again at most once a second, when a token is. While it can't be read, the list as last read stays in force. The list is this
process's own; whoever shares the file shares the list.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from gateway.sdk import Clock, Services

MOST_BYTES = 2 << 20
SECONDS = 1.0
"""Between two looks at the file."""


class UnreadableList(Exception):
    """The file is no list. Its text says why."""


class Revocations:
    """The deny list. `revoke` adds to what the file says, for as long as the process runs."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._subjects: set[str] = set()

    def revoke(self, *, token_id: str | None = None, subject: str | None = None) -> None:
        """Refuses a token, or every token of a subject, from now on."""
        if token_id is not None:
            self._tokens.add(token_id)
        if subject is not None:
            self._subjects.add(subject)

    def holds(self, token_id: str | None, subject: str | None) -> bool:
        """Whether a token is revoked."""
        return token_id in self._tokens or subject in self._subjects


class RevocationFile(Revocations):
    """A deny list that follows a file."""

    def __init__(self, path: Path, clock: Clock, logger: logging.Logger) -> None:
        """Raises `UnreadableList`."""
        super().__init__()
        self._path = path
        self._clock = clock
        self._logger = logger
        self._seen = self._state()
        self._listed = _read(path)
        self._look_at = clock.monotonic() + SECONDS

    def holds(self, token_id: str | None, subject: str | None) -> bool:
        """See `Revocations.holds`; looks at the file first where that is due."""
        now = self._clock.monotonic()
        if now >= self._look_at:
            self._look_at = now + SECONDS
            self._follow()
        tokens, subjects = self._listed
        return token_id in tokens or subject in subjects or super().holds(token_id, subject)

    def _follow(self) -> None:
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            self._listed = _read(self._path)
        except UnreadableList as fault:
            self._logger.warning("the list of revoked tokens can't be read (%s); the one read before stays in force", fault)
        else:
            self._logger.info("the list of revoked tokens was read anew")

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def revocations(written: str | None, services: Services) -> Revocations:
    """The deny list of the configuration; what is wrong with its file is reported at `revoked`."""
    if written is None:
        return Revocations()
    try:
        return RevocationFile(services.folder / written, services.clock, services.logger)
    except UnreadableList as fault:
        services.problem("GW525", f"the list of revoked tokens can't be read: {fault}", path=("revoked",))
        return Revocations()


def _read(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableList("it is not UTF-8") from None
    except OSError as fault:
        raise UnreadableList(fault.strerror or "it can't be opened") from None
    if len(content) > MOST_BYTES:
        raise UnreadableList(f"it has more than {MOST_BYTES >> 20} MiB")
    entries = list(_entries(text))
    return frozenset(name for kind, name in entries if kind == "jti"), frozenset(name for kind, name in entries if kind == "sub")


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        kind, _, name = line.strip().partition(" ")
        if not kind or kind.startswith("#"):
            continue
        if kind not in ("jti", "sub") or not name.strip():
            raise UnreadableList(f"line {number} is neither `jti <id>` nor `sub <subject>`")
        yield kind, name.strip()
