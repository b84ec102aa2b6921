"""The demo's assistant for two tenants, with a credential for every backend, audit records, and canaries in all that is secret."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import yaml

from tests.scenarios.canary_backends import Backends
from tests.scenarios.canary_company import OWN, OWNERS, TENANTS, sku
from tests.scenarios.canary_words import SYSTEM, canary

ROOT = Path(__file__).parents[2]
ISSUER, AUDIENCE = "https://id.example", "assistant"
TOKEN_KEY = canary(SYSTEM, "issuer", "signing_key") * 2
HOSTS = {tenant: f"{tenant}.example" for tenant in TENANTS}
SYSTEMS = {
    "erp": "erp",
    "crm": "crm",
    "tickets": "tickets",
    "hr": "hr",
    "delivery": "delivery",
    "carrier_hub": "hub",
    "inventory": "inventory",
}
"""The demo's sources, and the systems that they stand for here."""

SECRETS: Mapping[str, str] = {
    "erp_password": canary(SYSTEM, "erp", "password"),
    "crm_key": canary(SYSTEM, "crm", "key"),
    "tickets_key": canary(SYSTEM, "tickets", "key"),
    "hr_signing": canary(SYSTEM, "hr", "signing") * 2,
    "delivery_client": canary(SYSTEM, "token", "client"),
    "inventory_key": canary(SYSTEM, "inventory", "key"),
    "mask_key": canary(SYSTEM, "masks", "key") * 2,
}
AUTH: Mapping[str, dict[str, Any]] = {
    "erp": {"auth": {"basic": {"username": "gateway", "password": "${ secret.erp_password }"}}},
    "crm": {"auth": {"api_key": {"header": "X-Crm-Key", "value": "${ secret.crm_key }"}}},
    "tickets": {"headers": {"X-Tickets-Key": "${ secret.tickets_key }"}, "forward": ["X-Note"]},
    "hr": {"auth": {"identity_header": {"key": "${ secret.hr_signing }"}}},
    "delivery": {
        "auth": {
            "oauth2": {"token_url": "${ env.TOKEN_URL }", "client_id": "gateway", "client_secret": "${ secret.delivery_client }"},
        },
    },
    "inventory": {"headers": {"X-Inventory-Key": "Key ${ secret.inventory_key }"}},
}
OWN_PROFILE = """
source: profile
type: http
servers: ["${ env.PROFILE_URL }"]
auth: {forward_token: true}
operations:
  me: {request: GET /me}
---
intent: my_profile
examples: [who am I?]
access: {roles: [customer]}
steps: {me: {call: profile.me}}
output: {note: "${ steps.me.note }", plan: "${ tenant.config.note }"}
reply: "You are ${ output.note } of ${ output.plan }."
---
intent: overview
summary: Two things at once, each by an intent of its own.
access: {roles: [customer]}
input: {type: object, required: [order_id], properties: {order_id: {type: string, pattern: "^[0-9]{1,10}$"}}}
steps:
  order: {call: intent.track_order, with: {order_id: "${ input.order_id }"}, required: false}
  bills: {call: intent.billing_overview, with: {}, required: false}
output: {order: "${ steps.order }", bills: "${ steps.bills.invoices }"}
"""


class Yaml12(yaml.SafeLoader):
    """`no` is a word."""

    yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


AUDIT = "policy: audit\nrecord: {intents: '*', decisions: all}\nwhen_sink_fails: continue\n"


def identity(people: Mapping[str, tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """People by their key, with their tenant; bearers of tokens; and everybody else."""
    keys = [
        {"hash": f"sha256:{sha256(key.encode()).hexdigest()}", "tenant": tenant, "user": user} for key, (tenant, user) in people.items()
    ]
    claims = {"customer_id": "customer_id", "roles": "roles"}
    token = {"issuer": ISSUER, "audience": AUDIENCE, "keys": ["issuer.key"], "algorithms": ["HS256"], "claims": claims}
    return [{"api_key": {"keys": keys}}, {"jwt": token}, {"anonymous": {"roles": ["anonymous"]}}]


def write_assistant(folder: Path, people: Mapping[str, tuple[str, dict[str, Any]]], backends: Backends) -> dict[str, str]:
    """Writes all files below `folder`; gives the environment that they need."""
    for name in ("openapi", "policies"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "policies/canary_audit.yaml").write_text(AUDIT)
    (folder / "specs").mkdir()
    (folder / "issuer.key").write_text(TOKEN_KEY)
    for path in sorted((ROOT / "specs").rglob("*.yaml")):
        if not path.name.endswith(".test.yaml"):
            documents = [_adapted(document) for document in yaml.load_all(path.read_text(), Yaml12)]
            _write(folder / "specs" / path.name, documents)
    (folder / "specs/own.yaml").write_text(OWN_PROFILE)
    entry = yaml.load((ROOT / "gateway.yaml").read_text(), Yaml12)
    entry |= {"identity": identity(people), "tenants": _tenants(backends), "stores": {"records": f"sqlite:///{folder}/records.db"}}
    _write(folder / "gateway.yaml", [entry])
    database = folder / f"{canary(SYSTEM, 'billing', 'path')}.db"
    _found_billing(database)
    return _environment(folder, database, backends)


def _adapted(document: dict[str, Any]) -> dict[str, Any]:
    """A document of the demo, with credentials; bills of all tenants stand in one table, as rows of their own."""
    name = document.get("source")
    if name in AUTH:
        document |= AUTH[name]
    if name == "billing":
        for operation in document["operations"].values():
            operation["query"] = operation["query"].replace("WHERE customer_id", "WHERE tenant = :tenant AND customer_id")
            operation["params"]["properties"]["tenant"] = {"type": "string"}
            operation["params"]["required"].append("tenant")
    for call in _calls(document.get("steps")):
        if call["call"].startswith("billing."):
            call["with"]["tenant"] = "${ tenant.id }"
    return document


def _calls(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "call" in value:
            yield value
        value = list(value.values())
    for member in value if isinstance(value, list) else ():
        yield from _calls(member)


def _tenants(backends: Backends) -> dict[str, Any]:
    known = {
        tenant: {
            "hosts": [HOSTS[tenant]],
            "config": {"note": canary(tenant, "all", "note")},
            "servers": {system: [backends.urls[system, tenant]] for system in OWN},
        }
        for tenant in TENANTS
    }
    known["zeta"] |= {"plan": "premium", "locale": "de-DE", "intents": {"deny": ["store_*"]}}
    return {"claim": "tenant", "host": True, "unknown": "deny", "known": known}


def _environment(folder: Path, database: Path, backends: Backends) -> dict[str, str]:
    """Half of the secrets come from files."""
    secrets = folder / canary(SYSTEM, "secrets", "path")
    secrets.mkdir()
    names = sorted(SECRETS)
    for name in names[::2]:
        (secrets / name).write_text(SECRETS[name] + "\n")
    nowhere = f"http://{canary(SYSTEM, 'shared', 'host')}.invalid"
    urls = {source: backends.urls.get((system, None), nowhere) for source, system in SYSTEMS.items()}
    return {
        **{f"{source.upper()}_URL": url for source, url in urls.items()},
        **{f"GATEWAY_SECRET_{name.upper()}": SECRETS[name] for name in names[1::2]},
        "GATEWAY_SECRETS_DIR": str(secrets),
        "PROFILE_URL": backends.urls["profile", None],
        "TOKEN_URL": f"{backends.urls['token', None]}/token",
        "BILLING_DATABASE_URL": f"sqlite:///{database}",
    }


def _found_billing(database: Path) -> None:
    rows = [
        (
            tenant,
            customer,
            f"NW-{order}",
            order,
            sku(1),
            canary(tenant, customer, "product"),
            1,
            "10.50",
            "open",
            "2026-11-02",
            "2026-11-16",
        )
        for tenant, orders in OWNERS.items()
        for order, customer in orders.items()
    ]
    with sqlite3.connect(database) as connection:
        columns = "tenant, customer_id, invoice_no, order_id, sku, product, quantity, amount, state, issued, due"
        connection.execute(f"CREATE TABLE invoice_lines ({columns})")
        connection.executemany(f"INSERT INTO invoice_lines VALUES ({', '.join('?' * 11)})", rows)
    connection.close()


def _write(path: Path, documents: list[Any]) -> None:
    """JSON is YAML too."""
    path.write_text("\n---\n".join(msgspec.json.encode(document).decode() for document in documents))
