"""What callers may do who never said who they are, and what a single key opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.config.document import Document
from gateway.planner.access import Grant
from gateway.planner.audit.notes import Notes
from gateway.planner.planned import Planned
from gateway.sdk import Path


def anonymous_writes(planned: Planned, notes: Notes) -> None:
    """GA501, at the line that allows it."""
    roles = _anonymous(planned)
    for parsed, intent in planned.sound_intents():
        if not intent.writes or intent.access.internal or intent.access.roles.isdisjoint(roles):
            continue
        message = f"`{intent.name}` writes, and callers without a credential may use it"
        above = _with_ancestors(planned, roles)
        grant = next((grant for grant in planned.roles.grants(f"intent:{intent.name}") if grant.role in above), None)
        if grant is not None:
            notes.add("GA501", message, grant.document, grant.path)
        else:
            notes.add("GA501", message, parsed.document, ("access", "roles"), key=True)


def anonymous_everything(planned: Planned, notes: Notes) -> None:
    """GA502"""
    for grant in _held(planned, _anonymous(planned)):
        if _wide(grant):
            notes.add("GA502", f"callers without a credential are allowed `{grant.pattern}`", grant.document, grant.path)


def anonymous_trace(planned: Planned, notes: Notes) -> None:
    """GA504"""
    held = set(_held(planned, _anonymous(planned)))
    for grant in planned.roles.grants("trace"):
        if grant in held:
            notes.add("GA504", "callers without a credential are allowed `trace`", grant.document, grant.path)


def wide_keys(planned: Planned, notes: Notes) -> None:
    """GA503, at the roles of the key."""
    for key in _keys(planned):
        wide = [grant for grant in _held(planned, key.roles) if _wide(grant)]
        if wide:
            told = ", ".join(f"`{pattern}`" for pattern in dict.fromkeys(grant.pattern for grant in wide))
            notes.add("GA503", f"the holder of this key is allowed {told}", key.document, key.path)


class _Key(NamedTuple):
    roles: frozenset[str]
    document: Document
    path: Path


def _wide(grant: Grant) -> bool:
    """Whether it allows whatever there is of a kind, now and later."""
    kind, _, name = grant.pattern.partition(":")
    return kind in {"intent", "route", "admin"} and name.strip("*") == "" and "*" in name


def _held(planned: Planned, roles: frozenset[str]) -> list[Grant]:
    above = _with_ancestors(planned, roles)
    return [grant for grant in planned.roles.all_grants() if grant.role in above]


def _with_ancestors(planned: Planned, roles: frozenset[str]) -> frozenset[str]:
    return roles.union(*(planned.roles.above(role) for role in roles))


def _anonymous(planned: Planned) -> frozenset[str]:
    """The roles of callers without a credential."""
    return frozenset(role for _, options in _identities(planned, "anonymous") for role in options.get("roles", ["anonymous"]))


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
