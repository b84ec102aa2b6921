"""Who asks in the canary test, and which canaries each of them may see."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from joserfc.jwk import OctKey

from tests.policies.tokens import token
from tests.scenarios.canary_assistant import AUDIENCE, HOSTS, ISSUER, TOKEN_KEY
from tests.scenarios.canary_company import TENANTS
from tests.scenarios.canary_words import INPUT, SYSTEM, Canary, canary

CUSTOMERS = ("C1001", "C1002")
UNSEEN = frozenset({"tracking", "salary"})
"""What no intent shows anybody."""

REACHED = frozenset({"email", "phone"})
"""What is masked for contractors."""


OF_CUSTOMERS = ("track_order", "billing_overview", "create_ticket", "overview")
OF_AGENTS = ("track_order", "billing_overview", "create_ticket", "customer_card", "customer_card", "leave_balance")
OF_STAFF = ("leave_balance",)


class Visitor(msgspec.Struct, frozen=True):
    """A caller at one tenant. `subjects` are whose data is theirs to see, `but` fields that aren't; `asks` is what is theirs to ask."""

    name: str
    tenant: str
    headers: tuple[tuple[bytes, bytes], ...]
    subjects: frozenset[str] = frozenset()
    but: frozenset[str] = UNSEEN
    customer: str | None = None
    asks: tuple[str, ...] = ()

    def may_see(self, word: Canary) -> bool:
        """What they sent themselves, and their own part of their tenant's data."""
        if word.owner == INPUT:
            return word.subject == self.name
        return word.owner == self.tenant and word.subject in self.subjects and word.field not in self.but

    def says(self, field: str, number: int = 0) -> str:
        """A canary that they send."""
        return canary(INPUT, self.name, field, number)


def key_of(tenant: str, name: str) -> str:
    """A person's API key."""
    return canary(SYSTEM, f"{tenant}_{name}", "api_key")


def people() -> dict[str, tuple[str, dict[str, Any]]]:
    """By key: the tenant, and who they are."""
    users: dict[str, dict[str, Any]] = {
        "ada": {"id": "ada", "customer_id": "C1001", "roles": ["customer"]},
        "bruno": {"id": "bruno", "customer_id": "C1002", "roles": ["customer", "tracer"]},
        "chidi": {"id": "chidi", "employee_id": "E2005", "roles": ["agent", "employee", "tracer"]},
        "cleo": {"id": "cleo", "roles": ["contractor", "tracer"]},
        "emma": {"id": "emma", "employee_id": "E2017", "roles": ["employee"]},
        "mona": {"id": "mona", "employee_id": "E2001", "roles": ["manager", "tracer"]},
        "nobody": {"id": "nobody", "roles": []},
    }
    return {key_of(tenant, name): (tenant, user) for tenant in TENANTS for name, user in users.items()}


def visitors() -> list[Visitor]:
    """Everybody at every tenant; who is known there comes three times."""
    return [visitor for tenant in TENANTS for visitor in (*_known(tenant) * 3, *_strangers(tenant))]


def _known(tenant: str) -> list[Visitor]:
    customers = frozenset(CUSTOMERS)
    seen: dict[str, tuple[frozenset[str], frozenset[str]]] = {
        "ada": (frozenset({"C1001", "all"}), UNSEEN),
        "bruno": (frozenset({"C1002", "all"}), UNSEEN),
        "chidi": (customers | {"E2005"}, UNSEEN),
        "cleo": (customers, UNSEEN | REACHED | {"place"}),
        "emma": (frozenset({"E2017"}), UNSEEN),
        "mona": (frozenset({"E2001", "E2005", "E2017"}), UNSEEN),
        "nobody": (frozenset(), UNSEEN),
    }
    numbers = {"ada": "C1001", "bruno": "C1002"}
    asks = {"ada": OF_CUSTOMERS, "bruno": OF_CUSTOMERS, "chidi": OF_AGENTS, "cleo": ("customer_card",), "emma": OF_STAFF, "mona": OF_STAFF}
    keyed = [
        Visitor(
            f"{tenant}_{name}",
            tenant,
            (*at(tenant), (b"x-api-key", key_of(tenant, name).encode())),
            *sees,
            numbers.get(name),
            asks.get(name, ()),
        )
        for name, sees in seen.items()
    ]
    bearers = [
        Visitor(
            f"{tenant}_{number}",
            tenant,
            (*at(tenant), bearer(tenant, number)),
            frozenset({number, "all"}),
            UNSEEN,
            number,
            (*OF_CUSTOMERS, "my_profile"),
        )
        for number in CUSTOMERS
    ]
    return [*keyed, *bearers]


def _strangers(tenant: str) -> list[Visitor]:
    """Without a credential, with a wrong one, with one of another tenant, with two."""
    other = next(each for each in TENANTS if each != tenant)
    agent, customer = ((b"x-api-key", key_of(each, "chidi").encode()) for each in (other, tenant))
    return [
        Visitor(f"{tenant}_anonymous", tenant, at(tenant)),
        Visitor(f"{tenant}_wrong_key", tenant, (*at(tenant), (b"x-api-key", b"guess"))),
        Visitor(f"{tenant}_foreign_key", tenant, (*at(tenant), agent)),
        Visitor(f"{tenant}_foreign_token", tenant, (*at(tenant), bearer(other, "C1001"))),
        Visitor(f"{tenant}_two_keys", tenant, (*at(tenant), customer, bearer(tenant, "C1001"))),
        Visitor(f"{tenant}_elsewhere", tenant, ((b"host", b"elsewhere.example"),)),
    ]


def at(tenant: str) -> tuple[tuple[bytes, bytes], ...]:
    """The host of a tenant."""
    return ((b"host", HOSTS[tenant].encode()),)


def bearer(tenant: str, customer: str) -> tuple[bytes, bytes]:
    """A token, good for long enough. What it holds besides is nobody's business."""
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": f"{tenant}_{customer}", "iat": now, "exp": now + 7200, "tenant": tenant,
        "customer_id": customer, "roles": ["customer", "tracer"], "note": canary(SYSTEM, "profile", "claim"),
    }  # fmt: skip
    key = OctKey.import_key(TOKEN_KEY)
    made = token(msgspec.json.encode(claims), key=key, alg="HS256", header={"kid": None})
    return b"authorization", f"Bearer {made}".encode()
