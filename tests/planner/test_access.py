"""Roles, compiled into who may use what. Default is deny."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.loaded import Parsed
from gateway.config.models import Role, RolesPolicy
from gateway.planner.access import Roles
from gateway.planner.findings import Findings
from tests.planner.folders import document, own, planned, told

POLICY = """
policy: roles
roles:
  customer: {allow: ["intent:ask", trace]}
  agent: {inherits: [customer], allow: ["intent:bill_*"]}
  chief: {inherits: [agent]}
  admin: {allow: ["admin:*"]}
"""
NAMES = "abcde"


def roles_of(**roles: Role) -> Roles:
    written = document("policy: roles\nroles: {}\n")
    return Roles([Parsed("policy", "roles", RolesPolicy(policy="roles", roles=roles), written)], Findings())


COMPANY = roles_of(
    customer=Role(allow=["intent:ask", "trace"]),
    agent=Role(inherits=["customer"], allow=["intent:bill_*"]),
    chief=Role(inherits=["agent"]),
    admin=Role(allow=["admin:*"]),
)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("intent:ask", {"customer", "agent", "chief"}),
        ("intent:bill_all", {"agent", "chief"}),
        ("intent:bill_", {"agent", "chief"}),
        ("intent:bill", set()),
        ("intent:ask_more", set()),
        ("xintent:ask", set()),
        ("trace", {"customer", "agent", "chief"}),
        ("admin:read", {"admin"}),
        ("admin", set()),
    ],
)
def test_who_is_allowed(permission: str, roles: set[str]) -> None:
    assert COMPANY.leads(permission).keys() == roles


def test_a_star_stands_for_text_and_nothing_else_is_a_pattern() -> None:
    roles = roles_of(a=Role(allow=["intent:a.c"]), b=Role(allow=["intent:*_c"]))
    assert not roles.leads("intent:abc")
    assert roles.leads("intent:a.c").keys() == {"a"}
    assert not roles.leads("intent:x\n_c")


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3), min_size=1), st.sampled_from(NAMES))
def test_heirs_are_those_from_whom_a_path_leads_up(parents: dict[str, list[str]], wanted: str) -> None:
    roles = roles_of(**{name: Role(inherits=above) for name, above in parents.items()})

    def leads(name: str, seen: frozenset[str] = frozenset()) -> bool:
        return name == wanted or any(above not in seen and leads(above, seen | {name}) for above in parents.get(name, []))

    assert roles.heirs([wanted]) == {wanted} | {name for name in parents if leads(name)}


@pytest.mark.parametrize(
    ("policy", "problems"),
    [
        ("a: {inherits: [b]}", [("GW501", "error")]),
        ("a: {inherits: [a]}", [("GW502", "error")]),
        ('a: {allow: ["intent:aks"]}', [("GW503", "error")]),
        ('a: {allow: ["route:ask", "source:ask"]}', [("GW503", "error"), ("GW503", "error")]),
        ('a: {allow: ["rout:ask", "intents:*"]}', [("GW503", "error"), ("GW503", "error")]),
        ('a: {allow: ["intent:x*"]}', [("GW504", "warning")]),
        ('a: {allow: ["intent:*", "source:e*", "admin:*", "release:pin", "trace"]}', []),
    ],
)
def test_what_is_told(tmp_path: Path, policy: str, problems: list[tuple[str, str]]) -> None:
    made = planned(tmp_path, "intent: ask\noutput: 1\n", roles=f"policy: roles\nroles: {{{policy}}}\n")
    assert [(problem.code, problem.severity) for problem in own(made)] == problems


def test_of_a_broken_policy_the_missing_roles_are_not_told(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: ask\naccess: {roles: [clerk]}\noutput: 1\n", roles="policy: roles\nroles: {clerk: {alow: []}}\n")
    assert [code for code, _, _ in told(made)] == ["GW101"]


def test_the_line_nearest_to_a_role_leads_and_the_own_ones_come_last() -> None:
    roles = roles_of(a=Role(allow=["intent:*"]), b=Role(inherits=["a"], allow=["intent:ask"]), c=Role(inherits=["b", "a"]), d=Role())
    found = roles.leads("intent:ask", [("a", "x.yaml:1"), ("c", "x.yaml:2"), ("d", "x.yaml:3")])
    assert {lead.role: (lead.through, lead.rule) for lead in found.values()} == {
        "a": ((), "allow intent:*"),
        "b": ((), "allow intent:ask"),
        "c": ((), "access.roles names it"),
        "d": ((), "access.roles names it"),
    }
    assert roles.leads("intent:other")["c"].through == ("a",)
    assert found["c"].place == "x.yaml:2"


def test_the_way_to_an_ancestor_is_the_shortest() -> None:
    family = roles_of(a=Role(inherits=["b", "c"]), b=Role(inherits=["c"]), c=Role(inherits=["d"]), d=Role(), e=Role())
    assert family.lineage("a", "c") == ("a", "c")
    assert family.lineage("a", "d") == ("a", "c", "d")
    assert family.lineage("d", "d") == ("d",)
    assert family.lineage("d", "a") == family.lineage("a", "e") == ()
    assert family.lineage("nobody", "a") == ()
    assert (family.above("b"), family.above("e"), family.above("nobody")) == (["c", "d"], [], [])


def test_ways_end_where_roles_inherit_in_a_circle() -> None:
    circle = roles_of(a=Role(inherits=["b"]), b=Role(inherits=["a"]))
    assert circle.lineage("a", "c") == ()
    assert circle.lineage("a", "b") == ("a", "b")


def test_what_is_written_has_its_place(tmp_path: Path) -> None:
    roles = planned(tmp_path, "intent: ask\noutput: 1\n", roles=POLICY.lstrip()).planned.roles
    (ask,) = roles.grants("intent:ask")
    assert (ask.role, ask.pattern, ask.place.line, ask.place.column) == ("customer", "intent:ask", 3, 22)
    assert [grant.pattern for grant in roles.all_grants()] == ["intent:ask", "trace", "intent:bill_*", "admin:*"]
    assert [(place.line, place.column) for name in ("customer", "chief") if (place := roles.place(name))] == [(3, 3), (5, 3)]
    assert roles.place("nobody") is None
