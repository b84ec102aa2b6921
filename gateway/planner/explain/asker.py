"""Whether a described caller may use something, and by which line. What isn't said of the caller is unknown, not absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gateway.planner.access import Roles
from gateway.planner.explain.account import Answer, Grant, Line
from gateway.planner.explain.grants import Entry
from gateway.sdk import Compiled, ExpressionFault, Reference, Scope, user_root

KEYS = ("role", "scope", "group", "user", "tenant")
"""What can be said of a caller; `user.<name>` says further members of `user`."""

_LISTS: Mapping[str, str] = {"role": "roles", "scope": "scopes", "group": "groups"}


class Asker(msgspec.Struct, frozen=True):
    """A caller as far as told: members of `user` by name, and the tenant. Lists that are told are complete."""

    user: Mapping[str, Any] = {}
    tenant: str | None = None
    said: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: Sequence[tuple[str, str]]) -> Asker:
        """From pairs such as `("role", "agent")`; those of a list add up. Raises `KeyError` for an unknown key."""
        user: dict[str, Any] = {}
        tenant = None
        for key, value in said:
            if key in _LISTS:
                user.setdefault(_LISTS[key], []).append(value)
            elif key == "tenant":
                tenant = value
            elif key == "user":
                user["id"] = value
            elif key.startswith("user.") and key.removeprefix("user.").isidentifier():
                user[key.removeprefix("user.")] = value
            else:
                raise KeyError(key)
        return cls(user, tenant, tuple(f"{key}={value}" for key, value in said))

    @property
    def roles(self) -> list[str] | None:
        """The roles, None where nothing is told of them."""
        roles: list[str] | None = self.user.get("roles")
        return roles

    def scope(self, config: Mapping[str, Any]) -> Scope:
        """The roots that access conditions see; `ctx` is nobody's to know beforehand."""
        told = dict(self.user)
        return {"user": user_root(told.pop("id", None), told), "tenant": {"id": self.tenant, "plan": None, "config": {}}, "config": config}

    def knows(self, reference: Reference) -> bool:
        """Whether what is told decides the value at `reference`."""
        root = reference[0]
        if root == "user":
            return len(reference) > 1 and reference[1] in self.user
        return root == "config" or (reference == ("tenant", "id") and self.tenant is not None)


class Court:
    """Decides for one caller."""

    def __init__(self, asker: Asker, roles: Roles, config: Mapping[str, Any]) -> None:
        self._asker = asker
        self._roles = roles
        self._config = config

    def decide(self, entry: Entry) -> tuple[Answer, tuple[Line, ...]]:
        """The answer for one intent or route, with the lines that decide it, or those that it hangs on."""
        found = [self._by_role(entry), *self._by_scope(entry), *self._by_condition(entry)]
        if entry.internal is not None:
            found.insert(0, ("no", entry.internal))
        for answer in ("no", "depends"):
            if any(each == answer for each, _ in found):
                return answer, tuple(line for each, line in found if each == answer)
        return "yes", tuple(line for _, line in found)

    def _by_role(self, entry: Entry) -> tuple[Answer, Line]:
        told = self._asker.roles
        leading = [grant for grant in entry.grants if told is not None and grant.role in told]
        if leading:
            return "yes", _because(leading[0])
        if not entry.grants:
            return "no", Line(f"no role is allowed {entry.permission}", entry.place)
        if told is None:
            names = ", ".join(dict.fromkeys(grant.role for grant in entry.grants))
            return "depends", Line(f"on the role: {names}", entry.grants[0].place)
        where = self._roles.place(told[0])
        above = [name for role in told for name in self._roles.above(role)]
        who = f"role {', '.join(told)}" + (f" (which inherits {', '.join(dict.fromkeys(above))})" if above else "")
        return "no", Line(f"{who} is not allowed {entry.permission}", f"{where.file}:{where.line}" if where else entry.place)

    def _by_scope(self, entry: Entry) -> Iterable[tuple[Answer, Line]]:
        for scope, line in entry.scopes:
            told = self._asker.user.get("scopes")
            answer: Answer = "depends" if told is None else "yes" if scope in told else "no"
            word = {"depends": "on the scope", "yes": "with the scope", "no": "without the scope"}[answer]
            yield answer, msgspec.structs.replace(line, text=f"{word} {scope}")

    def _by_condition(self, entry: Entry) -> Iterable[tuple[Answer, Line]]:
        if entry.when is not None:
            condition, line = entry.when
            answer = self._verdict(condition)
            word = {"depends": "on", "yes": "it holds that", "no": "it does not hold that"}[answer]
            yield answer, msgspec.structs.replace(line, text=f"{word} {condition.source}")

    def _verdict(self, condition: Compiled) -> Answer:
        if not all(self._asker.knows(reference) for reference in condition.references):
            return "depends"
        try:
            return "yes" if condition(self._asker.scope(self._config)) is True else "no"
        except ExpressionFault:  # the time of the request decides it, or data that nobody foresaw
            return "depends"


def _because(grant: Grant) -> Line:
    if not grant.through:
        return Line(f"role {grant.role}: {grant.rule}", grant.place)
    return Line(f"role {grant.role} inherits {' > '.join(grant.through)}: {grant.rule}", grant.place)
