"""What of a value is hidden from whom: parts of values that rules are about, found at load, and the walk over a value at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.expressions.field_patterns import NOWHERE, FieldPatterns, State
from gateway.runtime.masking import Masks, Rules

NO_RULES: Rules = frozenset()
EACH = "[]"
OTHER = "*"
"""Stands for a member in what is told of hidden fields where its name comes with the data: that may be personal itself."""


class Hidden:
    """A part of a value, and the rules that are about it. One that leads back to itself is its own member.

    `rules` are about the value itself where it is no list or object. `members` are those that are known by name, None for such as no
    rule is about; `rest` is what others are, `items` what a list holds. `names` are rules about the names of those others, which come
    with the data. `state` tells which patterns lead on to members that aren't known by name.
    """

    __slots__ = ("items", "members", "names", "rest", "rules", "state")

    def __init__(self, rules: Rules = NO_RULES) -> None:
        self.rules = rules
        self.members: Mapping[str, Hidden | None] = {}
        self.rest: Hidden | None = None
        self.items: Hidden | None = None
        self.names: Rules = NO_RULES
        self.state: State = NOWHERE


class Walk:
    """Shows values of one place. `path` is how the place is called in what is told of hidden fields."""

    def __init__(self, hidden: Hidden, path: str, patterns: FieldPatterns, marks: tuple[Rules, ...]) -> None:
        """`marks` are the rules of each pattern."""
        self.hidden = hidden
        self.path = path
        self._patterns = patterns
        self._marks = marks

    def show(self, value: Any, masks: Masks) -> Any:
        """What of `value` is left by `masks`."""
        return _Showing(masks, self.path, self._patterns, self._marks).of(value, self.hidden, NO_RULES, NOWHERE)


class _Showing:
    """One walk over one value."""

    def __init__(self, masks: Masks, path: str, patterns: FieldPatterns, marks: tuple[Rules, ...]) -> None:
        self._masks = masks
        self._trail = [path]
        self._patterns = patterns
        self._marks = marks

    def of(self, value: Any, hidden: Hidden | None, above: Rules, state: State) -> Any:
        """`above` are rules about everything below, `state` where patterns led that don't know of `hidden`."""
        if value is None or (hidden is None and not above and not state):
            return value
        if value.__class__ is dict:
            return self._object(value, hidden or NOTHING, above, state)
        if value.__class__ is list:
            return self._list(value, hidden or NOTHING, above, state)
        rules = above | hidden.rules if hidden is not None and above else above if hidden is None else hidden.rules
        return self._masks.masked(value, rules, self._trail) if rules else value

    def _list(self, value: list[Any], hidden: Hidden, above: Rules, state: State) -> list[Any]:
        self._trail.append(EACH)
        shown = [self.of(item, hidden.items, above, state) for item in value]
        self._trail.pop()
        return shown

    def _object(self, value: dict[Any, Any], hidden: Hidden, above: Rules, state: State) -> dict[Any, Any]:
        """Members with names that are hidden themselves get tokens for names, or are left out where nothing may be left."""
        names = hidden.names and self._masks.kinds(hidden.names)
        shown: dict[Any, Any] = {}
        for name, member in value.items():
            if name in hidden.members:
                self._trail.append(name)
                shown[name] = self._known(name, member, hidden, above, state)
                self._trail.pop()
            elif not names or "remove" not in names:
                self._trail.append(OTHER)
                shown[self._masks.token(name) if names else name] = self._other(name, member, hidden, above, state)
                self._trail.pop()
        return shown

    def _known(self, name: Any, member: Any, hidden: Hidden, above: Rules, state: State) -> Any:
        if state:
            state = self._patterns.after(state, name)
            above |= self._matched(state)
        return self.of(member, hidden.members[name], above, state)

    def _other(self, name: Any, member: Any, hidden: Hidden, above: Rules, state: State) -> Any:
        state |= hidden.state
        if state:
            state = self._patterns.after(state, name)
            above |= self._matched(state)
        return self.of(member, hidden.rest, above, state)

    def _matched(self, state: State) -> Rules:
        return NO_RULES.union(*(self._marks[number] for number in self._patterns.matched(state)))


NOTHING = Hidden()
"""Of what no rule is known to be about."""
