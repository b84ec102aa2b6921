"""Policies by kind, and who names circuit breakers."""

from __future__ import annotations

from pathlib import Path

from gateway.config.models import FlagsPolicy, RolesPolicy
from gateway.planner.rules.policies import breakers_used, of_kind
from gateway.testing.scenario import prepare

FILES = {
    "specs/a.yaml": """
source: shop
type: fake
circuit_breaker: default
operations: {one: {circuit_breaker: slow}, two: {circuit_breaker: {failure_threshold: 2}}, three: {}}
---
source: desk
type: fake
circuit_breaker: {failure_threshold: 2}
operations: {one: {}}
""",
    "policies/a.yaml": "policy: roles\nroles: {a: {}}\n---\npolicy: flags\nflags: {x: {default: 1}}\n---\npolicy: roles\nroles: {b: {}}\n",
}


def test_both(tmp_path: Path) -> None:
    planned = prepare(tmp_path, FILES, {}).planned
    assert [list(policy.model.roles) for policy in of_kind(planned.loaded, RolesPolicy)] == [["a"], ["b"]]
    assert [list(policy.model.flags) for policy in of_kind(planned.loaded, FlagsPolicy)] == [["x"]]
    assert [(path, name) for _, path, name in breakers_used(planned)] == [
        (("circuit_breaker",), "default"),
        (("operations", "one", "circuit_breaker"), "slow"),
    ]
