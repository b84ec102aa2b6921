"""What follows from `tenants`: names, shapes, servers, denials. The golden file shows what is told, the scenarios what it does."""

from __future__ import annotations

from pathlib import Path

from gateway.sdk import Caller, user_root
from tests.planner.folders import marked, planned

GATEWAY = """
gateway: g
identity: [{scenario: {}}]
tenants:
  unknown: default
  known:
    acme: {plan: premium, config: {brand: ACME, size: 3}, intents: {allow: [ask]}}
    zeta: {config: {brand: Zeta}, intents: {deny: ["as*"]}}
"""
INTENTS = """
intent: ask
access: {roles: [c]}
output: {brand: "${ tenant.config.brand }", size: "${ tenant.config.size }", plan: "${ tenant.plan }"}
---
intent: other
access: {roles: [c]}
output: 1
"""


def test_what_any_tenant_has_is_known(tmp_path: Path) -> None:
    assert marked(tmp_path, planned(tmp_path, INTENTS, gateway=GATEWAY)) == []
    wrong = INTENTS.replace("tenant.config.size", "tenant.config.siez")
    assert marked(tmp_path, planned(tmp_path, wrong, gateway=GATEWAY)) == [("GW226", "siez")]


def test_without_tenants_there_is_nothing_particular(tmp_path: Path) -> None:
    assert marked(tmp_path, planned(tmp_path, INTENTS)) == []


def test_who_has_which_intent(tmp_path: Path) -> None:
    plan = planned(tmp_path, INTENTS, gateway=GATEWAY).plan
    caller = Caller(("scenario", "", "u"), user_root("u", {"roles": ["c"]}))

    def allowed(tenant: str) -> list[str]:
        scope = {"user": caller.user, "tenant": {"id": tenant}, "ctx": {}, "config": {}}
        return [card.name for card in plan.catalogue if card.access.permits(caller, scope)]

    assert {tenant: allowed(tenant) for tenant in ("acme", "zeta", "default")} == {
        "acme": ["ask"],
        "zeta": ["other"],
        "default": ["ask", "other"],
    }


def test_a_denial_names_its_line(tmp_path: Path) -> None:
    card = planned(tmp_path, INTENTS, gateway=GATEWAY).plan.catalogue.get("ask")
    caller = Caller(("scenario", "", "u"), user_root("u", {"roles": ["c"]}))
    assert card is not None
    decision = card.access.decide(caller, {"user": caller.user, "tenant": {"id": "zeta"}, "ctx": {}, "config": {}})
    assert (decision.allowed, decision.rule, decision.reason) == (False, "gateway.yaml:8", "tenant zeta doesn't have it")


def test_credentials_of_their_own_keep_answers_apart(tmp_path: Path) -> None:
    own = "auth: {crm: {basic: {username: a, password: k4n4ry}}}"
    gateway = GATEWAY.replace("intents: {deny", f"{own}, intents: {{deny")
    specs = (
        "source: crm\ntype: http\nservers: ['http://a.test']\nauth: {api_key: {value: k4n4ry}}\noperations:\n"
        "  get: {request: GET /, cache: {ttl: 1m, scope: public}}\n---\n"
        "intent: ask\naccess: {roles: [c]}\nsteps: {a: {call: crm.get}}\noutput: ${ steps.a }\n"
    )
    made = planned(tmp_path, specs, gateway=gateway)
    assert ("GW530", "public") in marked(tmp_path, made)
