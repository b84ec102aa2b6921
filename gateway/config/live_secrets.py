"""The texts of a configuration in which secrets stand, kept as the secrets are now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from typing import NamedTuple

from gateway.config.secrets import SecretChange, Secrets
from gateway.sdk.secret import SecretText

Again = Callable[[], str | None]
"""Reads a text anew; None where that gives none."""


class _Live(NamedTuple):
    names: Set[str]
    text: SecretText
    again: Again

    def __repr__(self) -> str:
        return "_Live()"


class Taken(NamedTuple):
    """What came of a look: the names of secrets with a new value, of those that keep the last one (with the reason), and of those
    with a new value that also stand where values are read at start only."""

    changed: list[str]
    kept: list[tuple[str, str]]
    waiting: list[str]


class LiveSecrets:
    """All that changes with secrets while serving. Its representation shows none."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._live: list[_Live] = []

    def __repr__(self) -> str:
        return "LiveSecrets()"

    def add(self, names: Set[str], text: str, again: Again) -> SecretText:
        """A text that the secrets `names` stand in."""
        live = _Live(names, SecretText(text, secret=True), again)
        self._live.append(live)
        return live.text

    @property
    def watched(self) -> bool:
        """Whether anything can change: a secret may come from a file, and stands in some text."""
        return bool(self._live) and self._secrets.watched

    def changes(self) -> list[SecretChange]:
        """See `Secrets.changes`: reads files, off the event loop."""
        return self._secrets.changes()

    def take(self, changes: Iterable[SecretChange]) -> Taken:
        """Takes changes over, all at once: a name and its password that change together are never seen mixed."""
        taken = Taken([], [], [])
        for change in changes:
            if self._secrets.accept(change):
                taken.changed.append(change.name)
            if change.fault is not None:
                taken.kept.append((change.name, change.fault))
        taken.waiting.extend(name for name in taken.changed if any(name in live.names and not live.text.followed for live in self._live))
        affected = [(live, live.again()) for live in self._live if not live.names.isdisjoint(taken.changed)]
        for live, text in affected:
            if text is None:
                taken.kept.extend((name, "what it stands in gives no text with it") for name in sorted(live.names & set(taken.changed)))
            else:
                live.text.replace(text)
        return taken
