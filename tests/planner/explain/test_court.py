"""Whether a described caller may, and why. What isn't said of a caller is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.explain import Asker, account
from gateway.planner.explain.access_table import entries_of
from gateway.planner.explain.account import Line
from gateway.planner.explain.court import Court
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


RULED = (
    ROLES
    + """  guest: {}
assign:
  - {roles: [partner], when: "contains(user.groups, 'sales')"}
rules:
"""
)


def ruled(folder: Path, rules: str, said: str, access: str = "{}") -> tuple[str, tuple[Line, ...]]:
    specs = f"intent: ask\naccess: {access}\nsteps: {{a: {{call: erp.orders}}}}\noutput: ${{ steps.a }}\n"
    gateway = "gateway: shop\nidentity: [{scenario: {}}]\nconfig: {open: true, none: null}\n"
    made = planned(folder, specs, roles=RULED + (rules or "  []\n"), gateway=gateway)
    pairs = [(key, value) for key, _, value in (each.partition("=") for each in said.split())]
    (found,) = account(made.planned, made.plan, made.plan.catalogue.intents["ask"], Asker.of(pairs)).verdicts
    return found.answer, found.reasons


@pytest.mark.parametrize(
    ("rules", "said", "answer"),
    [
        ("  - {deny: ['intent:ask']}\n", "role=customer", "no"),
        ("  - {deny: ['intent:ask'], roles: [customer]}\n", "role=chief", "no"),
        ("  - {deny: ['intent:ask'], roles: [chief]}\n", "role=customer", "yes"),
        ("  - {deny: ['intent:ask'], roles: [chief]}\n", "user=u1", "depends"),
        ("  - {deny: ['intent:other*'], roles: [chief]}\n", "role=chief", "yes"),
        ("  - {deny: ['source:erp'], roles: [chief]}\n", "role=chief", "no"),
        ("  - {deny: ['intent:ask'], when: user.vip}\n", "role=customer", "depends"),
        ("  - {deny: ['intent:ask'], when: \"user.vip == 'no'\"}\n", "role=customer user.vip=no", "no"),
        ("  - {deny: ['intent:ask'], when: \"user.vip == 'no'\"}\n", "role=customer user.vip=yes", "yes"),
        ("  - {deny: ['intent:ask'], unless: \"user.vip == 'yes'\"}\n", "role=customer user.vip=yes", "yes"),
        ("  - {deny: ['intent:ask'], unless: \"user.vip == 'yes'\"}\n", "role=customer user.vip=no", "no"),
        ("  - {deny: ['intent:ask'], when: user.id == config.none}\n", "role=customer user=u1", "no"),
        ("  - {allow: ['intent:ask']}\n", "role=guest", "yes"),
        ("  - {allow: ['intent:ask']}\n", "user=u1", "yes"),
        ("  - {allow: ['intent:ask'], roles: [guest]}\n", "role=guest", "yes"),
        ("  - {allow: ['intent:ask'], when: user.vip}\n", "role=guest", "depends"),
        ("  - {allow: ['intent:ask'], when: user.id == config.none}\n", "role=guest user=u1", "no"),
        ("  - {allow: ['intent:ask'], unless: user.id == config.none}\n", "role=guest user=u1", "no"),
        ("  - {allow: ['intent:ask'], roles: [partner]}\n", "role=guest group=sales", "yes"),
        ("  - {allow: ['intent:ask'], roles: [partner]}\n", "role=guest group=support", "no"),
        ("  - {allow: ['intent:ask'], roles: [partner]}\n", "role=guest", "depends"),
        ("  - {deny: ['intent:ask'], roles: [partner]}\n", "role=customer group=sales", "no"),
        ("  - {deny: ['intent:ask'], roles: [partner]}\n", "role=customer", "depends"),
        ("  - {deny: ['intent:ask'], when: \"contains(user.roles, 'partner')\"}\n", "role=customer group=sales", "no"),
        ("  - {deny: ['intent:ask'], when: \"contains(user.roles, 'partner')\"}\n", "role=customer group=support", "yes"),
        ("  - {deny: ['intent:ask'], when: \"contains(user.roles, 'partner')\"}\n", "role=customer", "depends"),
    ],
)
def test_rules_and_roles_by_condition(tmp_path: Path, rules: str, said: str, answer: str) -> None:
    assert ruled(tmp_path, rules, said)[0] == answer


@pytest.mark.parametrize(
    ("access", "said", "answer", "reason"),
    [
        ("{acr: [gold, mfa]}", "user.acr=mfa", "yes", None),
        ("{acr: [gold, mfa]}", "user.acr=pwd", "no", "without being signed in by gold or mfa"),
        ("{acr: [gold, mfa]}", "", "depends", "on being signed in by gold or mfa"),
        ("{max_age: 5m}", "", "depends", "on having signed in at most 5m ago"),
    ],
)
def test_how_a_caller_signed_in(tmp_path: Path, access: str, said: str, answer: str, reason: str | None) -> None:
    found, reasons = ruled(tmp_path, "", f"role=customer {said}", access)
    assert found == answer
    assert reason is None or reasons == (Line(reason, "specs/all.yaml:2"),)


def test_rules_are_told_as_they_are_written(tmp_path: Path) -> None:
    rules = "  - {deny: ['intent:a*', 'intent:b*'], roles: [chief, partner], when: config.open, unless: user.vip, reason: not now}\n"
    assert ruled(tmp_path, rules, "role=chief")[1] == (
        Line(
            "on whether it is denied: deny intent:a* for chief, partner when config.open unless user.vip: not now",
            "policies/roles.yaml:12",
        ),
    )
    perhaps = ruled(tmp_path, "  - {allow: ['intent:ask'], roles: [partner]}\n", "role=guest")[1]
    assert perhaps == (Line("on the rule: allow intent:ask to partner", "policies/roles.yaml:12"),)
    given = ruled(tmp_path, "", "role=guest", "{roles: [partner]}")[1]
    assert given == (Line("on the role partner, given where contains(user.groups, 'sales')", "policies/roles.yaml:10"),)


def test_without_any_role(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: ask\noutput: 1\n", roles=ROLES)
    entry = next(entries_of(made.planned))
    assert Court(Asker({"roles": []}), made.planned.roles, {}).decide(entry) == (
        "no", (Line("without a role it is not allowed intent:ask", "specs/all.yaml:1"),),
    )  # fmt: skip
