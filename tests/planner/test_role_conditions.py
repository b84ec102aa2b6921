"""What the role alone decides of a condition, and what it doesn't."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.planner.role_conditions import holds_for
from gateway.sdk import EVERYBODY
from tests.runtime.masked import condition, scope

AGENT = "contains(user.roles, 'agent')"


def verdict(text: str, role: str) -> bool | None:
    compiled = condition(text)
    assert compiled is not None
    return holds_for(compiled, role)


@pytest.mark.parametrize(
    ("text", "agent", "customer"),
    [
        (AGENT, True, False),
        (f"!({AGENT})", False, True),
        (f"{AGENT} || user.id == 'u1'", True, None),
        (f"{AGENT} && user.id == 'u1'", None, False),
        (f"!({AGENT} && user.id == 'u1')", None, True),
        ("contains(user.groups, 'agent')", None, None),
        ("contains(user.roles, user.id)", None, None),
        ("contains(`[\"agent\"]`, 'agent')", None, None),
        ("user.roles[0] == 'agent'", None, None),
        ("tenant.id == 'acme'", None, None),
        ("`true`", True, True),
        ("`false` || `true`", True, True),
        (f"{AGENT} || contains(user.roles, 'customer')", True, True),
        (f"({AGENT} && `true`) || `false`", True, False),
    ],
)
def test_the_role_alone(text: str, agent: bool | None, customer: bool | None) -> None:
    assert (verdict(text, "agent"), verdict(text, "customer")) == (agent, customer)


def test_of_everybody_no_role_is_known() -> None:
    assert verdict(AGENT, EVERYBODY) is None
    assert verdict("`true`", EVERYBODY) is True


def test_an_expression_that_didn_t_compile_decides_nothing() -> None:
    class Broken:
        references: frozenset[Any] = frozenset()
        constant = True
        source = None

        def __call__(self, scope: dict[str, Any], /) -> Any:
            del scope

    assert holds_for(Broken(), "agent") is None


texts = st.recursive(
    st.sampled_from([AGENT, "contains(user.roles, 'customer')", "user.id == 'u1'", "user.id == 'u2'", "`true`", "`false`"]),
    lambda inner: (
        st.builds(lambda a, b: f"({a} && {b})", inner, inner)
        | st.builds(lambda a, b: f"({a} || {b})", inner, inner)
        | st.builds(lambda a: f"!({a})", inner)
    ),
    max_leaves=6,
)


@given(texts, st.sampled_from(["agent", "customer", "other"]))
def test_what_is_decided_is_so_for_every_caller_with_that_role_alone(text: str, role: str) -> None:
    compiled = condition(text)
    assert compiled is not None
    found = holds_for(compiled, role)
    if found is not None:
        assert compiled(scope(role)) is found
        assert compiled({**scope(role), "user": {"id": "u2", "roles": [role]}}) is found
