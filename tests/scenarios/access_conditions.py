"""Random conditions, and what they come to by the words of the language's description (§2.8): true, false, or None for unknown.

Nothing here knows the gateway's expressions: a condition is a tree, written out as text for the gateway and walked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

World = Mapping[str, Any]
"""The roots `user tenant ctx config`."""


class Condition(NamedTuple):
    """`kind` and its parts: conditions below `! && ||`, else names and values."""

    kind: str
    parts: tuple[Any, ...]

    @property
    def text(self) -> str:
        if self.kind == "not":
            return f"!({self.parts[0].text})"
        if self.kind in ("&&", "||"):
            return f"({self.parts[0].text}) {self.kind} ({self.parts[1].text})"
        if self.kind == "holds":
            return f"contains({self.parts[0]}, '{self.parts[1]}')"
        if self.kind == "holds path":
            return f"contains({self.parts[0]}, {self.parts[1]})"
        if self.kind == "path":
            return str(self.parts[0])
        left, sign, right = self.parts
        return f"{left} {sign} {right if self.kind == 'paths' else literal(right)}"

    def verdict(self, world: World) -> bool | None:
        if self.kind == "not":
            inner = self.parts[0].verdict(world)
            return None if inner is None else not inner
        if self.kind in ("&&", "||"):
            return both(self.kind, [part.verdict(world) for part in self.parts])
        if self.kind == "path":
            return bool(value(world, self.parts[0]))
        if self.kind.startswith("holds"):
            held = value(world, self.parts[0])
            wanted = self.parts[1] if self.kind == "holds" else value(world, self.parts[1])
            return None if held is None or wanted is None else wanted in held
        left, sign, right = self.parts
        return compared(value(world, left), sign, value(world, right) if self.kind == "paths" else right, literal=self.kind == "value")


def both(kind: str, verdicts: Sequence[bool | None]) -> bool | None:
    """Kleene: what one side decides alone is decided, else unknown is unknown."""
    decisive = kind == "||"
    if decisive in verdicts:
        return decisive
    return None if None in verdicts else not decisive


def compared(left: Any, sign: str, right: Any, *, literal: bool) -> bool | None:
    """Comparing two paths of which one is null is unknown; comparing with what is written down is not, an order of nulls is."""
    if sign in ("==", "!="):
        if not literal and (left is None or right is None):
            return None
        return (left == right) is (sign == "==")
    if left is None or right is None or isinstance(left, str) is not isinstance(right, str):
        return None
    return bool(left > right) if sign == ">" else bool(left <= right)


def value(world: World, path: str) -> Any:
    """What stands at a path; null where nothing does."""
    at: Any = world
    for name in path.split("."):
        at = at.get(name) if isinstance(at, Mapping) else None
    return at


def literal(written: Any) -> str:
    if written is None:
        return "`null`"
    return f"'{written}'" if isinstance(written, str) else f"`{written}`"


TEXTS = ("user.level", "user.region", "ctx.channel", "tenant.id", "config.home")
WORDS = ("gold", "eu", "web", "default")


def draw(random: Random, roles: Sequence[str], depth: int = 2) -> Condition:
    """A condition of at most `depth` levels."""
    if depth and random.random() < 0.4:
        kind = random.choice(("not", "&&", "||"))
        return Condition(kind, tuple(draw(random, roles, depth - 1) for _ in range(1 if kind == "not" else 2)))
    kind = random.choice(("holds", "holds path", "path", "value", "value", "paths", "paths", "order"))
    if kind == "holds":
        return random.choice(
            (Condition(kind, ("user.groups", random.choice(WORDS))), Condition(kind, ("user.roles", random.choice(list(roles)))))
        )
    if kind == "holds path":
        return Condition(kind, ("user.groups", random.choice(TEXTS)))
    if kind == "path":
        return Condition(kind, ("user.vip",))
    if kind == "order":
        right = random.choice((3, "config.limit"))
        return Condition("value" if right == 3 else "paths", ("user.rank", random.choice((">", "<=")), right))
    left = random.choice(TEXTS[:3])
    if kind == "value":
        return Condition(kind, (left, random.choice(("==", "!=")), random.choice((*WORDS, None))))
    return Condition(kind, (left, random.choice(("==", "!=")), random.choice([path for path in TEXTS if path != left])))
