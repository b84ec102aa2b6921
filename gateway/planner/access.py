"""Roles, what they allow and who inherits from whom: compiled into sets of roles per intent and route (language §4, §6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gateway.config.document import Document
from gateway.config.loaded import Parsed
from gateway.config.models import Access as AccessModel
from gateway.config.models import RolesPolicy
from gateway.planner import roots
from gateway.planner.compiler import Compiler
from gateway.planner.findings import Findings
from gateway.sdk import Access, Caller, Path, Place

KINDS = frozenset({"intent", "route", "source", "admin", "trace", "release"})
"""What a permission may be about."""


class Grant(NamedTuple):
    """One line of a policy: `pattern` is allowed to `role`; it stands at `path` of `document`."""

    role: str
    pattern: str
    document: Document
    path: Path

    @property
    def place(self) -> Place:
        """Where it is written."""
        return self.document.place(self.path)


class Roles:
    """All roles of all `roles` policies. Default is deny. Not `complete` are they where one of the policies is broken."""

    def __init__(self, policies: Iterable[Parsed[RolesPolicy]], findings: Findings, *, complete: bool = True) -> None:
        self._findings = findings
        self._complete = complete
        self._parents: dict[str, list[str]] = {}
        self._clears: dict[str, frozenset[str]] = {}
        self._grants: list[Grant] = []
        self._places: dict[str, Place] = {}
        self.declared = False
        found = list(policies)
        for policy in found:
            self._declare(policy)
        for policy in found:
            self._check_parents(policy)
        self._ancestors = {role: frozenset(self._walk_up(role)) for role in self._parents}
        self._matches: dict[str, re.Pattern[str]] = {grant.pattern: _compile(grant.pattern) for grant in self._grants}
        self._wide = [number for number, grant in enumerate(self._grants) if "*" in grant.pattern]
        self._exact: dict[str, list[int]] = {}
        for number, grant in enumerate(self._grants):
            self._exact.setdefault(grant.pattern, []).append(number)

    def known(self, role: str) -> bool:
        """Whether a policy declares it; without a `roles` policy, or with a broken one, every name will do."""
        return not self.declared or not self._complete or role in self._parents

    def names(self) -> Iterable[str]:
        """All declared roles."""
        return self._parents

    def allowed(self, permission: str) -> frozenset[str]:
        """The roles that hold `permission`, those that inherit it included."""
        return self.heirs(grant.role for grant in self.grants(permission))

    def heirs(self, roles: Iterable[str]) -> frozenset[str]:
        """These roles and all that inherit from them."""
        wanted = set(roles)
        return frozenset(wanted | {role for role, above in self._ancestors.items() if wanted & above})

    def grants(self, permission: str) -> list[Grant]:
        """The lines that allow `permission`, in the order written."""
        wide = (number for number in self._wide if self._matches[self._grants[number].pattern].fullmatch(permission))
        return [self._grants[number] for number in sorted({*self._exact.get(permission, ()), *wide})]

    def all_grants(self) -> Iterable[Grant]:
        """Every line that allows something, in the order written."""
        return self._grants

    def lineage(self, role: str, ancestor: str) -> tuple[str, ...]:
        """The shortest way by `inherits` from `role` to `ancestor`, both included; empty where there is none."""
        ways: list[tuple[str, ...]] = [(role,)]
        seen = {role}
        for way in ways:
            if way[-1] == ancestor:
                return way
            parents = [parent for parent in self._parents.get(way[-1], ()) if parent not in seen]
            seen.update(parents)
            ways += [(*way, parent) for parent in parents]
        return ()

    def above(self, role: str) -> list[str]:
        """All that a role inherits from, in order of name."""
        return sorted(self._ancestors.get(role, ()))

    def place(self, role: str) -> Place | None:
        """Where a role is declared; None where no policy does."""
        return self._places.get(role)

    def cleared(self, role: str) -> frozenset[str]:
        """The classes of data that a role is cleared for, by itself or by what it inherits."""
        own = self._clears.get(role, frozenset())
        return own.union(*(self._clears.get(above, frozenset()) for above in self._ancestors.get(role, ())))

    def permitted(self) -> Callable[[Caller, str], bool]:
        """Tells whether a caller holds a permission such as `trace`."""
        patterns: dict[str, list[re.Pattern[str]]] = {}
        for grant in self._grants:
            for role in self.heirs([grant.role]):
                patterns.setdefault(role, []).append(self._matches[grant.pattern])

        def permits(caller: Caller, permission: str) -> bool:
            return any(pattern.fullmatch(permission) for role in caller.roles for pattern in patterns.get(role, ()))

        return permits

    def _names_any(self, pattern: str, known: frozenset[str]) -> bool:
        return pattern in known or ("*" in pattern and any(self._matches[pattern].fullmatch(target) for target in known))

    def check_targets(self, targets: Iterable[str]) -> None:
        """Reports patterns on intents, routes and sources that name nothing: with `*` a warning, without an error."""
        known = frozenset(targets)
        for grant in self._grants:
            kind, _, name = grant.pattern.partition(":")
            if kind not in KINDS:
                self._findings.unknown(grant.document, "GW503", "kind of permission", kind, known=KINDS, path=grant.path)
            if kind not in {"intent", "route", "source"} or self._names_any(grant.pattern, known):
                continue
            if "*" in name:
                self._findings.report(
                    grant.document, "GW504", f"`{grant.pattern}` matches nothing", grant.path, severity="warning",
                    hint="there may be a spelling mistake before the `*`",
                )  # fmt: skip
            else:
                of_kind = [target.partition(":")[2] for target in known if target.startswith(f"{kind}:")]
                self._findings.unknown(grant.document, "GW503", kind, name, known=of_kind, path=grant.path)

    def _declare(self, policy: Parsed[RolesPolicy]) -> None:
        self.declared = True
        for name, role in policy.model.roles.items():
            self._parents[name] = role.inherits
            self._clears[name] = self._clears.get(name, frozenset()) | frozenset(role.clears)
            self._places[name] = policy.document.place(("roles", name), key=True)
            at: Path = ("roles", name, "allow")
            self._grants += [Grant(name, pattern, policy.document, (*at, index)) for index, pattern in enumerate(role.allow)]

    def _check_parents(self, policy: Parsed[RolesPolicy]) -> None:
        for name, role in policy.model.roles.items():
            for index, parent in enumerate(role.inherits):
                path: Path = ("roles", name, "inherits", index)
                if not self.known(parent):
                    self._findings.unknown(policy.document, "GW501", "role", parent, known=self._parents, path=path)
                elif name == parent or name in self._walk_up(parent):
                    self._findings.report(policy.document, "GW502", f"role `{name}` inherits from itself", path)

    def _walk_up(self, role: str) -> Iterator[str]:
        seen: set[str] = set()
        waiting = list(self._parents.get(role, ()))
        while waiting:
            parent = waiting.pop()
            if parent not in seen:
                seen.add(parent)
                yield parent
                waiting += self._parents.get(parent, ())


def plan_access(model: AccessModel, permission: str, roles: Roles, compiler: Compiler, path: Path) -> Access:
    """The access of an intent or a route: a policy's permission or one of its own roles, and every other condition."""
    for index, role in enumerate(model.roles):
        if not roles.known(role):
            compiler.findings.unknown(compiler.document, "GW501", "role", role, known=roles.names(), path=(*path, "roles", index))
    return Access(
        roles=roles.allowed(permission) | roles.heirs(model.roles),
        scopes=frozenset(model.scopes),
        when=compiler.optional(model.when, (*path, "when"), roots.POLICY, authorisation=True),
        internal=model.internal,
    )


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")))
