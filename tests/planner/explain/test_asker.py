"""Whether a described caller may, and why. What isn't said of a caller is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.explain import Asker, account
from gateway.planner.explain.account import Line
from tests.planner.folders import planned

ROLES = """
policy: roles
roles:
  customer: {allow: ["intent:a*"]}
  agent: {inherits: [customer]}
  chief: {inherits: [agent]}
  partner: {}
"""


def verdict(folder: Path, access: str, said: str) -> tuple[str, tuple[Line, ...]]:
    made = planned(
        folder,
        f"intent: ask\naccess: {access}\noutput: 1\n",
        roles=ROLES,
        gateway="gateway: shop\nidentity: [{scenario: {}}]\nconfig: {open: true}\n",
    )
    pairs = [(key, value) for key, _, value in (each.partition("=") for each in said.split())]
    (found,) = account(made.planned, made.plan, made.plan.catalogue.intents["ask"], Asker.of(pairs)).verdicts
    return found.answer, found.reasons


@pytest.mark.parametrize(
    ("access", "said", "answer"),
    [
        ("{}", "role=customer", "yes"),
        ("{}", "role=chief", "yes"),
        ("{}", "role=partner", "no"),
        ("{}", "role=partner role=agent", "yes"),
        ("{}", "user=u1", "depends"),
        ("{roles: [partner]}", "role=partner", "yes"),
        ("{scopes: [r]}", "role=agent", "depends"),
        ("{scopes: [r]}", "role=agent scope=r", "yes"),
        ("{scopes: [r, w]}", "role=agent scope=r", "no"),
        ("{scopes: [r]}", "role=partner", "no"),
        ("{when: \"user.id == 'u1'\"}", "role=agent", "depends"),
        ("{when: \"user.id == 'u1'\"}", "role=agent user=u1", "yes"),
        ("{when: \"user.id == 'u1'\"}", "role=agent user=u2", "no"),
        ("{when: \"contains(user.groups, 'eu')\"}", "role=agent group=eu", "yes"),
        ("{when: \"contains(user.groups, 'eu')\"}", "role=agent group=us", "no"),
        ("{when: \"user.level == 'gold'\"}", "role=agent user.level=gold", "yes"),
        ("{when: \"tenant.id == 'default'\"}", "role=agent tenant=default", "yes"),
        ("{when: \"tenant.id == 'default'\"}", "role=agent", "depends"),
        ("{when: \"tenant.plan == 'gold'\"}", "role=agent tenant=default", "depends"),
        ("{when: config.open}", "role=agent", "yes"),
        ('{when: "!(config.open)"}', "role=agent", "no"),
        ("{when: \"ctx.channel == 'web'\"}", "role=agent", "depends"),
        ("{when: \"now() > '2026'\"}", "role=agent", "depends"),
        ("{when: user}", "role=agent", "depends"),
        ("{internal: true}", "role=agent", "no"),
    ],
)
def test_answers(tmp_path: Path, access: str, said: str, answer: str) -> None:
    assert verdict(tmp_path, access, said)[0] == answer


@pytest.mark.parametrize(
    ("access", "said", "reason"),
    [
        ("{}", "role=chief", Line("role chief inherits agent > customer: allow intent:a*", "policies/roles.yaml:4")),
        ("{}", "role=partner", Line("role partner is not allowed intent:ask", "policies/roles.yaml:7")),
        ("{roles: [partner]}", "role=partner", Line("role partner: access.roles names it", "specs/all.yaml:2")),
        ("{}", "user=u1", Line("on the role: customer, agent, chief", "policies/roles.yaml:4")),
        ("{scopes: [r]}", "role=agent", Line("on the scope r", "specs/all.yaml:2")),
        ("{when: user.vip}", "role=agent", Line("on user.vip", "specs/all.yaml:2")),
        (
            "{when: config.open == `false`}",
            "role=agent",
            Line("it does not hold that config.open == `false`", "specs/all.yaml:2"),
        ),
    ],
)
def test_the_deciding_line_comes_first(tmp_path: Path, access: str, said: str, reason: Line) -> None:
    assert verdict(tmp_path, access, said)[1][0] == reason


def test_nobody_may_what_no_role_is_allowed(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: other\noutput: 1\n", roles=ROLES)
    (found,) = account(made.planned, made.plan, made.plan.catalogue.intents["other"], Asker.of([("role", "chief")])).verdicts
    assert (found.answer, found.reasons) == ("no", (Line("no role is allowed intent:other", "specs/all.yaml:1"),))


@pytest.mark.parametrize("key", ["rol", "user.", "user.a.b", "user.a-b", ""])
def test_what_cannot_be_said(key: str) -> None:
    with pytest.raises(KeyError):
        Asker.of([(key, "x")])
