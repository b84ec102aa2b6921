"""Who may use an intent or a route: which line allows which role, what else must hold, and as whom such callers come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gateway.config.document import Document
from gateway.config.models import Access as AccessModel
from gateway.planner.explain.account import Grant, Line
from gateway.planner.explain.lines import Lines, spot
from gateway.planner.planned import Planned
from gateway.sdk import Access, Compiled


class Entry(msgspec.Struct, frozen=True):
    """An intent or a route, as those who want to use it meet it. `internal` is the line that shuts it to all from outside."""

    permission: str
    place: str
    grants: tuple[Grant, ...]
    scopes: tuple[tuple[str, Line], ...]
    when: tuple[Compiled, Line] | None
    internal: Line | None

    @property
    def conditions(self) -> tuple[Line, ...]:
        """What must hold besides the role."""
        when = () if self.when is None else (self.when[1],)
        internal = () if self.internal is None else (self.internal,)
        return (*(line for _, line in self.scopes), *when, *internal)


class Grants:
    """Reads access from a planned folder."""

    def __init__(self, planned: Planned, lines: Lines) -> None:
        self._planned = planned
        self._lines = lines

    def entry(self, permission: str, access: Access, model: AccessModel, document: Document) -> Entry:
        """`permission` is such as `intent:track_order`; `model` and `document` are where `access` was written."""
        scopes = tuple(
            (scope, self._lines.at(document, ("access", "scopes", index), f"scope {scope}")) for index, scope in enumerate(model.scopes)
        )
        when = None if access.when is None else (access.when, self._lines.at(document, ("access", "when"), f"when {access.when.source}"))
        internal = self._lines.at(document, ("access", "internal"), "only other intents may call it") if access.internal else None
        grants = tuple(sorted(self._grants(permission, access, model, document), key=lambda grant: (len(grant.through), grant.role)))
        return Entry(permission, spot(document.place(())), grants, scopes, when, internal)

    def _grants(self, permission: str, access: Access, model: AccessModel, document: Document) -> Iterator[Grant]:
        """One line for each role that leads here: the one with the shortest way."""
        rules = [(grant.role, f"allow {grant.pattern}", spot(grant.place)) for grant in self._planned.roles.grants(permission)]
        rules += [
            (role, "access.roles names it", spot(document.place(("access", "roles", index)))) for index, role in enumerate(model.roles)
        ]
        for role in sorted(access.roles):
            ways = [(self._planned.roles.lineage(role, named), rule, place) for named, rule, place in rules]
            way, rule, place = min(((way, rule, place) for way, rule, place in ways if way), key=lambda found: len(found[0]))
            yield Grant(role, way[1:], rule, place)

    def identities(self, access: Access) -> tuple[Line, ...]:
        """The kinds of identity whose callers can have a role that is allowed."""
        gateway = self._planned.loaded.gateway
        if gateway is None:
            return ()
        found = []
        for index, entry in enumerate(gateway.model.identity):
            for kind, options in entry.items():
                told = _told(kind, options, access.roles)
                if told is not None:
                    found.append(self._lines.at(gateway.document, ("identity", index, kind), f"{kind}{told}"))
        return tuple(found)


def _told(kind: str, options: Any, allowed: frozenset[str]) -> str | None:
    """How many of a kind's callers may; None where none can."""
    if kind == "anonymous":
        return "" if allowed.intersection(options.get("roles", ["anonymous"])) else None
    if kind == "api_key":
        keys = options["keys"]
        holders = sum(bool(allowed.intersection(key["user"].get("roles") or ())) for key in keys)
        return f", {holders} of {len(keys)} keys" if holders else None
    return ", by the roles that its callers prove"
