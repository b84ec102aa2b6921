"""The names that `tier` can give."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.planner.rules.tiers import given


@pytest.mark.parametrize(
    ("tier", "names"),
    [
        ("gold", {"gold"}),
        ("${ 'gold' }", {"gold"}),
        (" ${ if(tenant.plan == 'premium', 'gold', if(user.id, 'known', 'default')) } ", {"gold", "known", "default"}),
        ("${ user.id && 'a' || 'b' }", None),
        ("${ 'a' || 'b' }", {"a", "b"}),
        ("${ tenant.plan }", None),
        ("${ tenant.plan || 'default' }", None),
        ("${ if(user.id, tenant.plan, 'default') }", None),
        ("${ lookup(config.tiers, tenant.plan) }", None),
        ("tier_${ tenant.plan }", None),
        ("${ 'a' }${ 'b' }", None),
        ("${ `5` }", None),
        ("${ if(user.id }", None),
        (None, None),
        ({"$if": "user.id", "$then": "a"}, None),
    ],
)
def test_given(tier: Any, names: set[str] | None) -> None:
    assert given(tier) == (None if names is None else frozenset(names))
