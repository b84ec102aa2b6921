"""Which line allows which role, and as whom such callers come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.explain.account import Grant, Line
from gateway.planner.explain.grants import Entry, Grants
from gateway.planner.explain.lines import Lines
from tests.planner.folders import planned

KEY = "{{hash: 'sha256:{digit}', user: {{id: a, roles: {roles}}}}}"
ROLES = """
policy: roles
roles:
  guest: {}
  customer: {allow: ["intent:a*"]}
  agent:
    inherits: [customer]
    allow: ["intent:ask"]
  chief: {inherits: [agent, customer]}
"""


def entry(folder: Path, access: str, identity: str = "[{scenario: {}}]") -> tuple[Entry, tuple[Line, ...]]:
    made = planned(folder, f"intent: ask\naccess: {access}\noutput: 1\n", roles=ROLES, gateway=f"gateway: g\nidentity: {identity}\n")
    grants = Grants(made.planned, Lines(made.planned))
    parsed, intent = next(made.planned.sound_intents())
    return grants.entry("intent:ask", intent.access, parsed.model.access, parsed.document), grants.identities(intent.access)


def test_the_shortest_way_to_each_role(tmp_path: Path) -> None:
    found, _ = entry(tmp_path, "{}")
    assert found.grants == (
        Grant("agent", (), "allow intent:ask", "policies/roles.yaml:8"),
        Grant("customer", (), "allow intent:a*", "policies/roles.yaml:5"),
        Grant("chief", ("customer",), "allow intent:a*", "policies/roles.yaml:5"),
    )


def test_roles_that_the_intent_names_itself(tmp_path: Path) -> None:
    found, _ = entry(tmp_path, "{roles: [guest]}")
    assert Grant("guest", (), "access.roles names it", "specs/all.yaml:2") in found.grants


def test_conditions_with_their_lines(tmp_path: Path) -> None:
    found, _ = entry(tmp_path, "{scopes: [r], when: user.vip, internal: true}")
    assert [line.text for line in found.conditions] == ["scope r", "when user.vip", "only other intents may call it"]
    assert {line.place for line in found.conditions} == {"specs/all.yaml:2"}


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ("[{anonymous: {roles: [customer]}}]", "anonymous"),
        ("[{anonymous: {roles: [guest]}}]", None),
        (f"[{{api_key: {{keys: [{KEY}, {KEY}]}}}}]", "api_key, 1 of 2 keys"),
        ("[{scenario: {}}]", "scenario, by the roles that its callers prove"),
    ],
)
def test_as_whom_callers_come_in(tmp_path: Path, identity: str, told: str | None) -> None:
    first, second = (KEY.format(digit=digit * 64, roles=roles) for digit, roles in [("0", "[agent]"), ("1", "[guest]")])
    written = identity.replace(KEY, first, 1).replace(KEY, second, 1)
    _, found = entry(tmp_path, "{}", written)
    assert found == ((Line(told, "gateway.yaml:2"),) if told else ())
