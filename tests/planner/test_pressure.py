"""The priorities of a folder, as they reach the front of the server."""

from __future__ import annotations

from pathlib import Path

from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL
from tests.planner.folders import planned

GATEWAY = """
gateway: g
identity: [{scenario: {}}]
tenants:
  unknown: default
  known:
    acme: {priority: high}
    trial: {priority: low}
    zeta: {priority: normal}
"""
INTENTS = """
intent: block_card
priority: critical
access: {roles: [c]}
output: 1
---
intent: list_offers
priority: low
access: {roles: [c]}
output: 1
---
intent: track_order
access: {roles: [c]}
output: 1
---
intent: ask
version: 1
priority: low
access: {roles: [c]}
output: 1
---
intent: ask
version: 2
priority: high
access: {roles: [c]}
output: 1
"""


def test_only_what_differs_from_normal_is_looked_up(tmp_path: Path) -> None:
    priorities = planned(tmp_path, INTENTS, gateway=GATEWAY).plan.pressure.priorities
    assert priorities.intents == {"block_card": CRITICAL, "list_offers": LOW, "ask": HIGH}
    assert priorities.tenants == {"acme": HIGH, "trial": LOW}


def test_the_rank_is_that_of_intent_and_tenant(tmp_path: Path) -> None:
    priorities = planned(tmp_path, INTENTS, gateway=GATEWAY).plan.pressure.priorities
    asked = [("list_offers", "acme"), ("track_order", "acme"), ("block_card", "trial"), ("track_order", "zeta")]
    assert [priorities.rank(*names) for names in asked] == [NORMAL, HIGH, HIGH, NORMAL]


def test_without_tenants_there_are_the_intents(tmp_path: Path) -> None:
    priorities = planned(tmp_path, INTENTS).plan.pressure.priorities
    assert priorities.intents["block_card"] == CRITICAL
    assert priorities.tenants == {}


def test_callers_are_known_by_what_the_identity_kinds_read(tmp_path: Path) -> None:
    keys = f"[{{api_key: {{keys: [{{hash: 'sha256:{'0' * 64}', user: {{id: u, roles: [c]}}}}]}}}}]"
    pressure = planned(tmp_path, INTENTS, gateway=f"gateway: g\nidentity: {keys}\n").plan.pressure
    assert pressure.credentials == ("x-api-key",)
