"""Who can call what: every intent and route against every role, or against one described caller, with the line that decides."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gateway.planner.explain.account import Answer, Line
from gateway.planner.explain.asker import Asker
from gateway.planner.explain.court import Court
from gateway.planner.explain.grants import Entry, Grants
from gateway.planner.explain.lines import Lines
from gateway.planner.planned import Planned

NO_ROLE = "*"
"""Stands for callers without any role; no role can be called so."""


class Cell(msgspec.Struct, frozen=True):
    """Whether callers with one role may, with the lines that decide it, or those that it hangs on."""

    role: str
    answer: Answer
    reasons: tuple[Line, ...]


class Row(msgspec.Struct, frozen=True):
    """An intent or a route. Roles that nothing allows and no rule denies are not in `cells`: the default is to deny."""

    permission: str
    place: str
    cells: tuple[Cell, ...]


class AccessTable(msgspec.Struct, frozen=True):
    """Names are those of the JSON output: members are added, never renamed.

    `asked` describes the one caller that the rows are about, whose role they call `*`; empty where they are about roles. Then
    `assigned` are the conditions that give roles, which the rows take as held.
    """

    rows: tuple[Row, ...]
    assigned: tuple[Line, ...] = ()
    asked: tuple[str, ...] = ()
    schema_version: int = 1


def access_table(planned: Planned, asker: Asker | None = None) -> AccessTable:
    """The table of a folder that has a plan."""
    gateway = planned.loaded.gateway
    config = {} if gateway is None else gateway.model.config
    entries = list(entries_of(planned))
    if asker is not None:
        court = Court(asker, planned.roles, config, planned.access.rules.assignments)
        rows = (Row(entry.permission, entry.place, (Cell(NO_ROLE, *court.decide(entry)),)) for entry in entries)
        return AccessTable(tuple(rows), asked=asker.said)
    courts = {role: Court(Asker({"roles": [role]}), planned.roles, config) for role in _roles(planned, entries)}
    courts[NO_ROLE] = Court(Asker({"roles": []}), planned.roles, config)
    given = (Line(f"{', '.join(each.roles)} where {each.when.source}", each.rule) for each in planned.access.rules.assignments)
    return AccessTable(tuple(_row(entry, courts) for entry in entries), tuple(given))


def _row(entry: Entry, courts: dict[str, Court]) -> Row:
    denied = {place for rule in entry.denials for place in (rule.line,)}
    cells = []
    for role, court in courts.items():
        answer, reasons = court.decide(entry)
        if answer != "no" or (role != NO_ROLE and (denied & set(reasons) or any(grant.role == role for grant in entry.grants))):
            cells.append(Cell(role, answer, reasons))
    return Row(entry.permission, entry.place, tuple(cells))


def entries_of(planned: Planned) -> Iterator[Entry]:
    """Intents by name, then the routes that ask for something of their own."""
    grants = Grants(planned, Lines(planned))
    for name, plan in sorted(planned.intents.items()):
        parsed = planned.loaded.intents[name][-1]
        yield grants.entry(f"intent:{name}", plan.access, parsed.model.access, parsed.document, sources=plan.sources)
    for route in sorted(planned.routes, key=lambda route: route.name):
        if route.access is not None:
            written = planned.loaded.routes[route.name]
            yield grants.entry(f"route:{route.name}", route.access, written.model.access, written.document)


def _roles(planned: Planned, entries: list[Entry]) -> list[str]:
    """Those that are declared; without a policy, those that intents and routes name."""
    return sorted({*planned.roles.names(), *(grant.role for entry in entries for grant in entry.grants)})
