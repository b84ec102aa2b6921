"""Patterns on the names that lead to a member, such as `*.iban` (language §6 `fields`).

A pattern is names joined by dots, from the top of what is looked at. `*` stands for any number of names, none included: `iban` is the
member at the top alone, `*.iban` every member of that name, `customer.*` the member `customer` and all that is in it. Names are compared
as they are written, case included; items of a list are at the place of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

ANY_PATH = "*"
FORM = re.compile(r"(?:\*|[^\s.*\[\]{}$]+)(?:\.(?:\*|[^\s.*\[\]{}$]+))*")

State = frozenset[tuple[int, int]]
"""How far each pattern was followed on the way to a place: (number of the pattern, names of it that are found)."""

NOWHERE: State = frozenset()


class FieldPatterns:
    """Several patterns, followed name by name. What can't lead to a match any more is in no state."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raises `ValueError` for a text that is no pattern."""
        self.texts = tuple(patterns)
        for text in self.texts:
            if not FORM.fullmatch(text):
                raise ValueError(f"`{text}` is no pattern of field names")
        self._parts: Sequence[tuple[str, ...]] = [tuple(text.split(".")) for text in self.texts]
        self._names = frozenset(part for parts in self._parts for part in parts) - {ANY_PATH}
        self._after: dict[tuple[State, str | None], State] = {}
        self.start = self._closed((number, 0) for number in range(len(self.texts)))

    def after(self, state: State, name: str) -> State:
        """Where a member of this name leads to."""
        key = (state, name if name in self._names else None)
        found = self._after.get(key)
        if found is None:
            found = self._after[key] = self._closed(self._steps(state, name))
        return found

    def along(self, names: Iterable[str]) -> State:
        """Where several names lead to, from the top."""
        state = self.start
        for name in names:
            state = self.after(state, name)
        return state

    def anywhere(self, state: State) -> State:
        """Where a member may lead to of which only other names are known than those in the patterns."""
        return self._closed(self._steps(state, None))

    def matched(self, state: State) -> frozenset[int]:
        """The numbers of the patterns that a place matches."""
        return frozenset(number for number, found in state if found == len(self._parts[number]))

    def _steps(self, state: State, name: str | None) -> Iterable[tuple[int, int]]:
        for number, found in state:
            if found == len(self._parts[number]):
                continue
            part = self._parts[number][found]
            if part == ANY_PATH:
                yield number, found
            elif part == name:
                yield number, found + 1

    def _closed(self, places: Iterable[tuple[int, int]]) -> State:
        """With those that `*` leads to by no name at all."""
        found: set[tuple[int, int]] = set()
        for number, first in places:
            parts = self._parts[number]
            last = next((at for at in range(first, len(parts)) if parts[at] != ANY_PATH), len(parts))
            found.update((number, at) for at in range(first, last + 1))
        return frozenset(found)
