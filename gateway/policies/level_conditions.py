"""The conditions under which a level begins by itself (policy `degradation`, `levels`).

The worst whose condition is true is in force; an unknown one, and one that can't be evaluated, raises no level: a gateway must not close
because of a mistake in a condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from gateway.sdk import Compiled, Level, Reference, Scope, verdict
from gateway.sdk.levels import SEVERITY

OPEN_CIRCUITS: Reference = ("ctx", "open_circuits")


class Condition(NamedTuple):
    """When a level begins; `place` is its file:line."""

    level: Level
    when: Compiled
    place: str


class Found(NamedTuple):
    """A level and the place of the condition that asks for it."""

    level: Level
    place: str | None


NOTHING = Found("full", None)


class LevelConditions:
    """All of them. Those that read nothing but the tenant, `config` and `ctx.open_circuits` are evaluated when one of these changes.

    `steady` says that all are of that kind: a tenant's level is then the same for all its callers.
    """

    def __init__(self, conditions: Iterable[Condition]) -> None:
        ordered = sorted(conditions, key=lambda each: -SEVERITY[each.level])
        self.steady = all(_is_steady(each.when) for each in ordered)
        self._conditions = tuple(ordered)
        self._found: dict[str, tuple[Any, Any, Found]] = {}

    def __bool__(self) -> bool:
        return bool(self._conditions)

    def find(self, scope: Scope) -> Found:
        """The worst level whose condition is true for a request."""
        if not self.steady:
            return self._evaluate(scope)
        tenant, circuits = scope["tenant"], scope["ctx"]["open_circuits"]
        found = self._found.get(tenant["id"])
        if found is None or found[0] is not circuits or found[1] is not tenant:
            found = self._found[tenant["id"]] = (circuits, tenant, self._evaluate(scope))
        return found[2]

    def _evaluate(self, scope: Scope) -> Found:
        return next((Found(each.level, each.place) for each in self._conditions if verdict(each.when, scope) is True), NOTHING)


def _is_steady(when: Compiled) -> bool:
    return all(reference[0] in ("tenant", "config") or reference[:2] == OPEN_CIRCUITS for reference in when.references)
