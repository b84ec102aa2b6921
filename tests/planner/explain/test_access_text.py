"""Who can call what, as it looks in 80 columns."""

from __future__ import annotations

from gateway.config.visible import width
from gateway.planner.explain.access_table import NO_ROLE, AccessTable, Cell, Row
from gateway.planner.explain.access_text import render
from gateway.planner.explain.account import Line

ALLOWED = Line("role customer: allow intent:bill_*", "policies/roles.yaml:4")
DENIED = Line("deny intent:bill_* for contractor: contractors see no billing at all, whoever they are", "policies/roles.yaml:12")
HANGS = (Line("on the scope billing", "specs/bill.yaml:3"), Line("on tenant.id == 'acme'", "specs/bill.yaml:3"))
TABLE = AccessTable(
    (
        Row("intent:bill", "specs/bill.yaml:1", (Cell("customer", "yes", (ALLOWED,)), Cell("contractor", "no", (DENIED,)))),
        Row(
            "intent:pay", "specs/pay.yaml:1", (Cell("customer", "depends", HANGS), Cell(NO_ROLE, "yes", (Line("allow intent:pay", None),)))
        ),
        Row("route:shut", "specs/pay.yaml:9", ()),
    ),
    assigned=(Line("agent where contains(user.groups, 'desk')", "policies/roles.yaml:8"),),
)
TEXT = """\
intent:bill [specs/bill.yaml:1]
  customer    yes      allow intent:bill_* [policies/roles.yaml:4]
  contractor  no       deny intent:bill_* for contractor: contractors see no
                         billing at all, whoever they are
                         [policies/roles.yaml:12]
intent:pay [specs/pay.yaml:1]
  customer    depends  on the scope billing [specs/bill.yaml:3]
                       on tenant.id == 'acme' [specs/bill.yaml:3]
  (no role)   yes      allow intent:pay
route:shut [specs/pay.yaml:9]
  nobody

roles given by condition
  agent where contains(user.groups, 'desk') [policies/roles.yaml:8]
"""


def test_what_it_looks_like() -> None:
    assert render(TABLE) == TEXT


def test_of_one_caller_only_the_answers() -> None:
    asked = AccessTable((Row("intent:pay", "specs/pay.yaml:1", (Cell(NO_ROLE, "depends", HANGS),)),), asked=("role=a",))
    assert render(asked) == (
        "asked for role=a\n\nintent:pay [specs/pay.yaml:1]\n"
        "  depends  on the scope billing [specs/bill.yaml:3]\n           on tenant.id == 'acme' [specs/bill.yaml:3]\n"
    )


def test_long_and_hostile_names_stay_in_80_columns() -> None:
    rule = Line("deny intent:x when user.name == '\x1b[31m" + "w" * 200 + "'", "policies/" + "d" * 90 + ".yaml:1")
    text = render(AccessTable((Row("intent:x", "a.yaml:1", (Cell("r" * 70, "no", (rule,)),)),)))
    assert "\x1b" not in text
    assert all(width(line) <= 80 for line in text.splitlines())
