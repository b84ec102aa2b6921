"""What callers may do who never said who they are, and what a single key opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.config.document import Document
from gateway.planner.access import form_of
from gateway.planner.audit.notes import Notes
from gateway.planner.planned import Planned
from gateway.sdk import EVERYBODY, Access, Path


def anonymous_writes(planned: Planned, notes: Notes) -> None:
    """GA501, at the line that allows it."""
    strangers = _anonymous(planned)
    if strangers is None:
        return
    for parsed, intent in planned.sound_intents():
        if not intent.writes or intent.access.internal or not strangers.may_come(intent.access):
            continue
        message = f"`{intent.name}` writes, and callers without a credential may use it"
        line = next((line for line in _held(planned, strangers.roles) if form_of(line.pattern).fullmatch(f"intent:{intent.name}")), None)
        if line is not None:
            notes.add("GA501", message, line.document, line.path)
        else:
            notes.add("GA501", message, parsed.document, ("access", "roles"), key=True)


def anonymous_everything(planned: Planned, notes: Notes) -> None:
    """GA502"""
    strangers = _anonymous(planned)
    for line in _held(planned, strangers.roles) if strangers is not None else ():
        if _wide(line):
            notes.add("GA502", f"callers without a credential are allowed `{line.pattern}`", line.document, line.path)


def anonymous_trace(planned: Planned, notes: Notes) -> None:
    """GA504"""
    strangers = _anonymous(planned)
    if strangers is None or not strangers.may_come(planned.access.permission("trace")):
        return
    for line in _held(planned, strangers.roles):
        if form_of(line.pattern).fullmatch("trace"):
            notes.add("GA504", "callers without a credential are allowed `trace`", line.document, line.path)


def wide_keys(planned: Planned, notes: Notes) -> None:
    """GA503, at the roles of the key."""
    for key in _keys(planned):
        wide = [line for line in _held(planned, key.roles) if _wide(line)]
        if wide:
            told = ", ".join(f"`{pattern}`" for pattern in dict.fromkeys(line.pattern for line in wide))
            notes.add("GA503", f"the holder of this key is allowed {told}", key.document, key.path)


class _Strangers(NamedTuple):
    """Callers without a credential: the roles that each of them has, and those with them that conditions may give."""

    always: frozenset[str]
    roles: frozenset[str]

    def may_come(self, access: Access) -> bool:
        """Whether something is open to them, as far as can be told beforehand."""
        return not self.always & access.denied.keys() and not access.roles.isdisjoint({*self.roles, EVERYBODY})


class _Line(NamedTuple):
    """Something that is allowed, and where."""

    pattern: str
    document: Document
    path: Path


class _Key(NamedTuple):
    roles: frozenset[str]
    document: Document
    path: Path


def _wide(line: _Line) -> bool:
    """Whether it allows whatever there is of a kind, now and later."""
    kind, _, name = line.pattern.partition(":")
    return kind in {"intent", "route", "admin"} and name.strip("*") == "" and "*" in name


def _held(planned: Planned, roles: frozenset[str]) -> Iterator[_Line]:
    """What these roles are allowed: by themselves, by what they inherit, and by rules, whose conditions may hold one day."""
    above = _with_ancestors(planned, roles)
    yield from (_Line(grant.pattern, grant.document, grant.path) for grant in planned.roles.all_grants() if grant.role in above)
    for rule in planned.access.rules.all():
        if rule.allows and (rule.roles is None or rule.roles & roles):
            yield from (_Line(pattern, rule.document, (*rule.path, "allow", index)) for index, pattern in enumerate(rule.patterns))


def _with_ancestors(planned: Planned, roles: frozenset[str]) -> frozenset[str]:
    return roles.union(*(planned.roles.above(role) for role in roles))


def _anonymous(planned: Planned) -> _Strangers | None:
    """Callers without a credential; None where there are none."""
    found = [options.get("roles", ["anonymous"]) for _, options in _identities(planned, "anonymous")]
    roles = frozenset(role for named in found for role in named)
    return _Strangers(roles, roles | planned.access.rules.given_to_strangers(roles)) if found else None


def _keys(planned: Planned) -> Iterator[_Key]:
    parsed = planned.loaded.gateway
    if parsed is None:
        return
    for path, options in _identities(planned, "api_key"):
        for index, key in enumerate(options.get("keys") or ()):
            roles = key.get("user", {}).get("roles")
            if isinstance(roles, list):
                named = frozenset(role for role in roles if isinstance(role, str))
                yield _Key(named, parsed.document, (*path, "keys", index, "user", "roles"))


def _identities(planned: Planned, wanted: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    parsed = planned.loaded.gateway
    for index, entry in enumerate(parsed.model.identity if parsed is not None else ()):
        for kind, options in entry.items():
            if kind == wanted:
                yield ("identity", index, kind), options or {}
