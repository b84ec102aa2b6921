"""Folders with classified data and masks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.testing.scenario import Scenario, prepare, scenario

CRM = """
source: crm
type: fake
operations:
  contact:
    params: {type: object, properties: {id: {type: string}, mail: {type: string}}}
    error: {code: body.code, message: body.why}
    output_schema:
      type: object
      required: [name, email, city, iban]
      properties:
        name: {type: string, classification: pii}
        email: {type: string, classification: pii}
        city: {type: string}
        iban: {type: string}
        salary: {type: number, classification: hr}
        vip: {type: boolean, classification: pii}
        friends:
          type: array
          items: {type: object, required: [name], properties: {name: {type: string, classification: pii}, kind: {type: string}}}
      additionalProperties: false
  raw: {}
---
"""
ROLES = """
policy: roles
roles:
  customer: {allow: ["intent:*"]}
  agent: {inherits: [customer], clears: [pii, hr]}
  anonymous: {}
"""
EXCEPT_AGENTS = "unless: \"contains(user.roles, 'agent')\""
CONTACT: dict[str, Any] = {
    "name": "Annabella Smith",
    "email": "annabella@example.org",
    "city": "Bonn",
    "iban": "DE89370400440532013000",
    "salary": 52000,
    "vip": True,
    "friends": [{"name": "Bartholomew", "kind": "old"}, {"name": "Bob", "kind": "new"}],
}
NAME, MAIL, IBAN = "A*************h", "an*****************rg", "******************3000"
"""What `partial` and `last4` leave of them."""


def files(specs: str, *rules: str, more: str = "") -> dict[str, str]:
    masks = "".join(f"  - {{{each}}}\n" for each in rules)
    policy = f"policy: masking\nrules:\n{masks}{more}" if rules else f"policy: masking\n{more}"
    return {"specs/all.yaml": CRM + specs, "policies/roles.yaml": ROLES, "policies/masks.yaml": policy}


def masked(folder: Path, specs: str, *rules: str, more: str = "") -> Scenario:
    """A planned folder."""
    return prepare(folder, files(specs, *rules, more=more), {})


def running(folder: Path, specs: str, *rules: str, more: str = "", contact: Any = CONTACT, raw: Any = None) -> Any:
    """One that can be asked."""
    return scenario(folder, files(specs, *rules, more=more), {"crm.contact": contact, "crm.raw": raw})


def user(*roles: str) -> dict[str, Any]:
    return {"id": "u1", "roles": list(roles)}
