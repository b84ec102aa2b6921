"""Roles, what they allow and who inherits from whom (language §6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gateway.config.document import Document
from gateway.config.loaded import Parsed
from gateway.config.models import RolesPolicy
from gateway.planner.findings import Findings
from gateway.sdk import Path, Place

RELEASES = frozenset({"pin"})
"""What of releases can be permitted."""

KINDS = frozenset({"intent", "route", "source", "admin", "trace", "release"})
"""What a permission may be about."""


class Grant(NamedTuple):
    """One line of a policy: `pattern` is allowed to `role`; it stands at `path` of `document`, which is `spot` as file:line."""

    role: str
    pattern: str
    document: Document
    path: Path
    spot: str

    @property
    def place(self) -> Place:
        """Where it is written."""
        return self.document.place(self.path)


class Lead(NamedTuple):
    """A role that is allowed something, and the line that says so, as file:line in `place`.

    `through` are the roles that it inherits this from, the last one being named there.
    """

    role: str
    through: tuple[str, ...]
    rule: str
    place: str


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
        self._ways: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._matches: dict[str, re.Pattern[str]] = {grant.pattern: form_of(grant.pattern) for grant in self._grants}
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

    def leads(self, permission: str, own: Iterable[tuple[str, str]] = ()) -> dict[str, Lead]:
        """Each role that is allowed `permission`, by the line that is the fewest roles away from it, else the one written first.

        `own` are the roles that the intent or route names itself, with their file:line; they come last.
        """
        lines = [(grant.role, f"allow {grant.pattern}", grant.spot) for grant in self.grants(permission)]
        lines += [(role, "access.roles names it", place) for role, place in own]
        found: dict[str, Lead] = {}
        for named, rule, place in lines:
            for heir, way in self._ways_to(named).items():
                if heir not in found or len(way) <= len(found[heir].through):
                    found[heir] = Lead(heir, way[1:], rule, place)
        return found

    def _ways_to(self, role: str) -> Mapping[str, tuple[str, ...]]:
        if role not in self._ways:
            self._ways[role] = {heir: self.lineage(heir, role) for heir in sorted(self.heirs([role]))}
        return self._ways[role]

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

    def _names_any(self, pattern: str, known: frozenset[str]) -> bool:
        return pattern in known or ("*" in pattern and any(self._matches[pattern].fullmatch(target) for target in known))

    def check_targets(self, targets: Iterable[str]) -> None:
        """Reports patterns on intents, routes and sources that name nothing: with `*` a warning, without an error."""
        known = frozenset(targets)
        for grant in self._grants:
            kind, _, name = grant.pattern.partition(":")
            if not check_kind(grant.pattern, grant.document, grant.path, self._findings):
                continue
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
            for index, pattern in enumerate(role.allow):
                self._grants.append(Grant(name, pattern, policy.document, (*at, index), spot(policy.document, (*at, index))))

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


def check_kind(pattern: str, document: Document, path: Path, findings: Findings) -> bool:
    """Whether a permission is of a kind that there is, and as such permissions look; reports GW503 where it isn't."""
    kind, separator, name = pattern.partition(":")
    if kind not in KINDS:
        findings.unknown(document, "GW503", "kind of permission", kind, known=KINDS, path=path)
    elif kind == "trace" and separator:
        findings.report(document, "GW503", "the permission `trace` has no parts", path, hint="write `trace`")
    elif kind != "trace" and not name:
        findings.report(document, "GW503", f"the permission `{kind}` needs a name", path, hint=f"write `{kind}:*` for all there are")
    elif kind == "release" and not any(form_of(name).fullmatch(known) for known in RELEASES):
        findings.unknown(document, "GW503", "permission of releases", name, known=RELEASES, path=path)
    else:
        return True
    return False


def form_of(pattern: str) -> re.Pattern[str]:
    """What a permission has to look like to fit `pattern`, in which `*` stands for any text on one line."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")))


def spot(document: Document, path: Path) -> str:
    """`file:line` of what stands at `path`."""
    place = document.place(path)
    return f"{place.file}:{place.line}"
