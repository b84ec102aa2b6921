"""What is hidden from whom, as `explain` tells it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.planner.explain.asker import Asker
from gateway.planner.explain.intent import account
from gateway.planner.explain.text import render
from tests.planner.masked_folders import masked

SPECS = """intent: ask
steps: {c: {call: crm.contact}}
output: {mail: "${ steps.c.email }", account: "${ steps.c.iban }"}
reply: To ${ output.mail }
---
route: asking
match: {path: /ask}
intent: ask
respond: {body: {to: "${ output.mail }"}, headers: {X-Account: "${ output.account }"}}
"""
RULES = (
    "classification: pii, mask: partial, unless: \"contains(user.roles, 'agent')\"",
    "fields: ['*.iban'], mask: last4, when: \"ctx.channel == 'web'\"",
    "fields: [account], mask: remove, when: \"contains(user.groups, 'guests')\"",
)


def hidden(folder: Path, *said: tuple[str, str], roles: str = "", rules: Sequence[str] = RULES) -> list[tuple[str, str, str]]:
    made = masked(folder, SPECS, *rules, more=f"---\npolicy: roles\n{roles}\n" if roles else "")
    intent = made.plan.catalogue.get("ask")
    assert intent is not None
    found = account(made.planned, made.plan, intent, Asker.of(said) if said else None)
    return [(each.field, each.mask, each.answer) for each in found.hidden]


def test_without_a_caller_every_rule_is_told(tmp_path: Path) -> None:
    assert hidden(tmp_path) == [
        ("body.to", "partial", "depends"),
        ("data.account", "last4", "depends"),
        ("data.account", "remove", "depends"),
        ("data.mail", "partial", "depends"),
        ("headers.X-Account", "last4", "depends"),
        ("headers.X-Account", "remove", "depends"),
        ("reply", "partial", "depends"),
    ]


@pytest.mark.parametrize(
    ("said", "data"),
    [
        ((("role", "customer"), ("group", "staff")), [("data.account", "last4", "depends"), ("data.mail", "partial", "yes")]),
        ((("role", "agent"), ("group", "guests")), [("data.account", "last4", "depends"), ("data.account", "remove", "yes")]),
        (
            (("user", "u1"),),
            [("data.account", "last4", "depends"), ("data.account", "remove", "depends"), ("data.mail", "partial", "depends")],
        ),
    ],
)
def test_what_is_hidden_from_a_caller(tmp_path: Path, said: tuple[tuple[str, str], ...], data: list[tuple[str, str, str]]) -> None:
    assert [each for each in hidden(tmp_path, *said) if each[0].startswith("data")] == data


def test_a_role_that_a_condition_may_give_leaves_it_open(tmp_path: Path) -> None:
    roles = "roles: {}\nassign: [{roles: [agent], when: \"contains(user.groups, 'Finance')\"}]"
    found = hidden(tmp_path, ("role", "customer"), roles=roles, rules=RULES[:1])
    assert ("data.mail", "partial", "depends") in found


def test_how_it_looks(tmp_path: Path) -> None:
    made = masked(tmp_path, SPECS, *RULES)
    intent = made.plan.catalogue.get("ask")
    assert intent is not None
    text = render(account(made.planned, made.plan, intent, Asker.of([("role", "customer")])))
    assert (
        "what is hidden in the answer\n  body.to: partial, pii unless contains(user.roles, 'agent')\n      [policies/masks.yaml:3]\n"
    ) in text
    assert "  data.account: perhaps last4, fields *.iban when ctx.channel == 'web'" in text
