"""Rules of masks at run time: which of them hold for a caller, chosen once a request, and what they leave of values (language §6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gateway.expressions import Evaluated
from gateway.runtime.masks import Mask, MaskKind, mask_of, token
from gateway.sdk import Compiled, Counter, Reference, Scope, SecretText, verdict

Rules = frozenset[int]
"""Rules, by their number."""

CHOSEN = "#masks"
"""Where a scope holds what was chosen for it. No root and no name that a file gives can be called so."""

MOST_PATHS = 100
"""How many paths of hidden fields are told of one request."""


class MaskRule(msgspec.Struct, frozen=True):
    """One rule. `about` is its class of data, `fields` for one that names fields: the label that its values are counted under."""

    mask: MaskKind
    about: str
    counted: Counter
    place: str
    when: Compiled | None = None
    unless: Compiled | None = None

    def holds(self, scope: Scope) -> bool:
        """Whether it masks for the caller of `scope`. What is unknown masks (language §2.8)."""
        if self.when is not None and verdict(self.when, scope) is False:
            return False
        return self.unless is None or verdict(self.unless, scope) is not True


class Masking:
    """All rules of a plan. `key` is what `hash` and `tokenize` are keyed with."""

    def __init__(self, rules: Sequence[MaskRule], key: SecretText) -> None:
        self.rules = tuple(rules)
        self.key = key
        self._kinds: dict[Rules, frozenset[MaskKind]] = {}

    def chosen(self, scope: Scope) -> Masks:
        """The masks for the caller of `scope`; made the first time, and kept in it."""
        found = scope.get(CHOSEN)
        if not isinstance(found, Masks):
            held = frozenset(number for number, rule in enumerate(self.rules) if rule.holds(scope))
            found = scope[CHOSEN] = Masks(self, held, scope["tenant"]["id"])
        return found

    def kinds(self, rules: Rules) -> frozenset[MaskKind]:
        """The masks of several rules."""
        found = self._kinds.get(rules)
        if found is None:
            found = self._kinds[rules] = frozenset(self.rules[number].mask for number in rules)
        return found


class Masks:
    """The rules that hold for one caller. `paths` fill with the names of what is hidden: never with a value."""

    __slots__ = ("_made", "_masking", "_tenant", "held", "paths")

    def __init__(self, masking: Masking, held: Rules, tenant: str) -> None:
        self._masking = masking
        self._tenant = tenant
        self._made: dict[Rules, tuple[Mask, tuple[Counter, ...]] | None] = {}
        self.held = held
        self.paths: set[str] = set()

    def kinds(self, rules: Rules) -> frozenset[MaskKind]:
        """The masks of those of `rules` that hold."""
        return self._masking.kinds(rules & self.held)

    def token(self, name: str) -> str:
        """What stands in place of a name that is personal itself."""
        return token(name, self._masking.key, self._tenant) or ""

    def masked(self, value: Any, rules: Rules, trail: Sequence[str]) -> Any:
        """What is left of a text, a number or a truth value; `trail` is where it stands."""
        if rules not in self._made:
            self._made[rules] = self._make(rules & self.held)
        made = self._made[rules]
        if made is None:
            return value
        mask, counters = made
        for counter in counters:
            counter.inc()
        if len(self.paths) < MOST_PATHS:
            self.paths.add(".".join(trail).replace(".[]", "[]"))
        return mask(value)

    def _make(self, rules: Rules) -> tuple[Mask, tuple[Counter, ...]] | None:
        if not rules:
            return None
        counters = {self._masking.rules[number].about: self._masking.rules[number].counted for number in sorted(rules)}
        return mask_of(self._masking.kinds(rules), self._masking.key, self._tenant), tuple(counters.values())


class Rendered:
    """A template whose values are masked as they get into it, for those callers for whom one of `rules` holds.

    It is called like the template itself. `masked` is the same template with masks; it finds those of the caller in the scope.
    """

    __slots__ = ("_masking", "masked", "plain", "rules")

    def __init__(self, plain: Compiled, masked: Evaluated, masking: Masking, rules: Rules) -> None:
        self.plain = plain
        self.masked = masked
        self.rules = rules
        self._masking = masking

    @property
    def references(self) -> frozenset[Reference]:
        """As the template's."""
        return self.plain.references

    @property
    def constant(self) -> bool:
        """As the template's."""
        return self.plain.constant

    @property
    def source(self) -> Any:
        """As the template's."""
        return self.plain.source

    def __call__(self, scope: Scope, /) -> Any:
        """What the caller of `scope` may see. Raises `ExpressionFault`."""
        if self._masking.chosen(scope).held.isdisjoint(self.rules):
            return self.plain(scope)
        return self.masked(scope)


def around(show: Callable[[Any, Masks], Any]) -> Callable[[Any, Scope], Any]:
    """What values go through in a masked template."""
    return lambda value, scope: show(value, scope[CHOSEN])
