"""Personal data, and who may have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found

SOURCES = """
source: shop
type: http
servers: ['http://shop.test']
operations:
  one: {request: 'GET /one/{id}', params: {type: object, required: [id], properties: {id: {type: string}}}}
  card: {request: GET /card, output_schema: {type: object, properties: {email: {type: string, classification: pii}, city: {}}}}
  mine: {request: GET /mine, headers: {X-User: "${ user.id }"}}
"""
GATEWAY = """
gateway: shop
identity:
  - jwt:
      {issuer: 'https://id.test', audience: a, jwks_uri: 'https://id.test/keys', algorithms: [RS256], claims: {account_no: sub, city: city}}
  - api_key: {keys: [{hash: "sha256:%s", user: {id: ada, customer_id: C1, roles: [customer]}}]}
  - anonymous: {roles: [guest]}
""" % ("a" * 64)
POLICY = "policy: roles\nroles: {customer: {allow: ['intent:known*']}, guest: {allow: ['intent:open*']}, member: {inherits: [guest]}}\n"


def told(folder: Path, intent: str, policies: str = POLICY) -> Found:
    inner = "---\nintent: inner\naccess: {internal: true}\nguard: [{check: user.id == 'a'}]\noutput: 1\n"
    return [
        each
        for each in found(folder, f"{intent}\n{inner}", "GW5", policies=policies, gateway=GATEWAY, sources=SOURCES)
        if each[0] in {"GW531", "GW543"}
    ]


def takes(name: str, key: str) -> str:
    return f"""intent: {name}
input: {{type: object, properties: {{{key}: {{type: string}}}}}}
steps: {{a: {{call: shop.one, with: {{id: "${{ input.{key} }}"}}}}}}
output: ${{ steps.a }}
"""


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        ("intent: new\noutput: 1", [("GW543", "new")]),
        ("intent: new\naccess: {internal: true}\noutput: 1", []),
        ("intent: new\naccess: {roles: [customer]}\noutput: ${ user.id }", []),
        ("intent: new\naccess: {scopes: [a]}\noutput: ${ user.id }", []),
        ("intent: known\noutput: ${ user.id }", []),
        ("intent: open\noutput: ${ user.id }", []),
        ("intent: new\noutput: ${ user.id }", [("GW531", "new")]),
        ("intent: new\nsteps: {a: {call: shop.mine}}\noutput: ${ steps.a }", [("GW531", "new")]),
        ("intent: new\nguard: [{check: user.id == 'a'}]\noutput: ${ user.id }", []),
        ("intent: new\nsteps: {a: {call: shop.card}}\noutput: ${ steps.a.email }", [("GW531", "output")]),
        ("intent: new\nsteps: {a: {call: shop.card}}\noutput: ${ steps.a.city }", [("GW543", "new")]),
        (takes("new", "customer_id"), [("GW531", "customer_id")]),
        (takes("new", "account_no"), [("GW531", "account_no")]),
        (takes("new", "city"), [("GW543", "new")]),
        (takes("open", "city"), []),
        (takes("known", "customer_id"), []),
        (takes("new", "order_id"), [("GW543", "new")]),
    ],
)
def test_what_is_told(tmp_path: Path, intent: str, expected: Found) -> None:
    assert told(tmp_path, intent) == expected


def test_open_to_anybody_is_no_rule_for_what_an_input_picks_out(tmp_path: Path) -> None:
    policies = POLICY.replace(", member: {inherits: [guest]}", "")
    assert told(tmp_path, takes("open", "customer_id"), policies) == [("GW531", "customer_id")]


def test_a_comparison_is_a_rule(tmp_path: Path) -> None:
    policies = POLICY.replace(", member: {inherits: [guest]}", "")
    step = 'steps: {a: {call: shop.one, with: {id: "${ input.customer_id }"}, ensure: [{check: result.owner == user.customer_id}]}}'
    intent = f"intent: open\ninput: {{type: object, properties: {{customer_id: {{}}}}}}\n{step}\noutput: ${{ steps.a }}\n"
    assert told(tmp_path, intent, policies) == []
    assert told(tmp_path, "intent: new\nsteps: {a: {call: intent.inner}}\noutput: ${ [steps.a, user.id] }\n", policies) == []


def test_who_inherits_from_anybody_is_known(tmp_path: Path) -> None:
    assert told(tmp_path, takes("open", "customer_id")) == []


def test_broken_policies_may_allow_it(tmp_path: Path) -> None:
    assert told(tmp_path, "intent: new\noutput: ${ user.id }", "policy: roles\nrolse: {}\n") == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{allow: ['intent:new']}", [("GW531", "customer_id")]),
        ("{allow: ['intent:new'], when: user.id == 'a'}", []),
        ("{allow: ['intent:new'], roles: [customer]}", []),
        ("{allow: ['intent:new'], roles: [guest]}", []),
    ],
)
def test_a_rule_for_everybody_says_nothing_of_whose_data_it_is(tmp_path: Path, rule: str, expected: Found) -> None:
    assert told(tmp_path, takes("new", "customer_id"), f"{POLICY}rules: [{rule}]\n") == expected


@pytest.mark.parametrize("rule", ["{deny: ['intent:known']}", "{deny: ['intent:known'], roles: [customer]}"])
def test_what_is_denied_to_all_who_are_allowed_is_closed(tmp_path: Path, rule: str) -> None:
    assert told(tmp_path, "intent: known\noutput: 1", f"{POLICY}rules: [{rule}]\n") == [("GW543", "known")]
