"""Every intent and route against every role, with the line that decides."""

from __future__ import annotations

from pathlib import Path

from gateway.planner.explain.access_table import NO_ROLE, AccessTable, Row, access_table
from gateway.planner.explain.account import Line
from gateway.planner.explain.asker import Asker
from tests.planner.folders import planned

ROLES = """policy: roles
roles:
  guest: {}
  customer: {allow: ["intent:ask"]}
  agent: {inherits: [customer]}
  contractor: {allow: ["intent:*"]}
assign:
  - {roles: [agent], when: "contains(user.groups, 'desk')"}
rules:
  - {deny: ["intent:b*"], roles: [contractor], reason: no bills}
  - {allow: ["intent:open"]}
  - {deny: ["source:erp"], roles: [agent], unless: user.vip}
"""
SPECS = """intent: bill
output: 1
---
intent: ask
steps: {a: {call: erp.orders}}
output: ${ steps.a }
---
intent: open
output: 1
---
route: at
match: {path: /at}
intent: ask
access: {roles: [guest], scopes: [read]}
---
route: free
match: {path: /free}
intent: ask
"""


def table(folder: Path, asker: Asker | None = None, roles: str | None = ROLES, specs: str = SPECS) -> AccessTable:
    return access_table(planned(folder, specs, roles=roles).planned, asker)


def cells(row: Row) -> dict[str, tuple[str, str | None]]:
    return {cell.role: (cell.answer, cell.reasons[0].place) for cell in row.cells}


def test_intents_and_then_routes_that_ask_for_something(tmp_path: Path) -> None:
    found = table(tmp_path)
    assert [(row.permission, row.place) for row in found.rows] == [
        ("intent:ask", "specs/all.yaml:4"),
        ("intent:bill", "specs/all.yaml:1"),
        ("intent:open", "specs/all.yaml:8"),
        ("route:at", "specs/all.yaml:11"),
    ]
    assert found.assigned == (Line("agent where contains(user.groups, 'desk')", "policies/roles.yaml:8"),)


def test_a_route_that_asks_for_nothing_is_open_save_for_whom_a_rule_denies_it(tmp_path: Path) -> None:
    roles = ROLES + "  - {deny: ['route:free'], roles: [contractor], reason: not by this way}\n"
    row = table(tmp_path, roles=roles).rows[-1]
    assert row.permission == "route:free"
    free = ("yes", "specs/all.yaml:16")
    assert cells(row) == {
        "agent": free, "contractor": ("no", "policies/roles.yaml:13"), "customer": free, "guest": free, NO_ROLE: free,
    }  # fmt: skip


def test_the_deciding_line_of_every_role(tmp_path: Path) -> None:
    ask, bill, everybody, at = table(tmp_path).rows
    assert cells(ask) == {
        "agent": ("depends", "policies/roles.yaml:12"),
        "contractor": ("yes", "policies/roles.yaml:6"),
        "customer": ("yes", "policies/roles.yaml:4"),
    }
    assert cells(bill) == {"contractor": ("no", "policies/roles.yaml:10")}
    assert {role: answer for role, (answer, _) in cells(everybody).items()} == dict.fromkeys(
        ["agent", "contractor", "customer", "guest", NO_ROLE], "yes"
    )
    assert at.cells[0].reasons == (Line("on the scope read", "specs/all.yaml:14"),)


def test_one_described_caller(tmp_path: Path) -> None:
    found = table(tmp_path, Asker.of([("role", "guest"), ("group", "desk"), ("user.vip", "yes")]))
    assert found.asked == ("role=guest", "group=desk", "user.vip=yes")
    assert [(row.permission, *(cell.answer for cell in row.cells)) for row in found.rows] == [
        ("intent:ask", "yes"),
        ("intent:bill", "no"),
        ("intent:open", "yes"),
        ("route:at", "depends"),
    ]
    assert found.assigned == ()


def test_without_a_policy_the_roles_are_those_that_are_named(tmp_path: Path) -> None:
    (row,) = table(tmp_path, roles=None, specs="intent: ask\naccess: {roles: [clerk]}\noutput: 1\n").rows
    assert cells(row) == {"clerk": ("yes", "specs/all.yaml:2")}
