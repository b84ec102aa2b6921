"""What the systems of the canary test know: the demo's company, once for every tenant, with canaries in all that it answers."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from gateway.testing.servers import Received
from tests.scenarios.canary_words import SYSTEM, canary, owner_of

TENANTS = ("acme", "zeta")
OWN = ("erp", "crm", "tickets", "hr")
"""Systems that each tenant has for itself."""

SHARED = ("delivery", "hub", "inventory", "profile", "token")
"""Systems that all tenants use. They hold data of all tenants, by keys that only the tenant's own systems tell."""

OWNERS: Mapping[str, Mapping[str, str]] = {
    "acme": {"1001": "C1001", "1002": "C1002", "1007": "C1001", "1008": "C1002"},
    "zeta": {"1001": "C1002", "1002": "C1001", "1007": "C1002", "1008": "C1001"},
}
"""Whose each order is: the same numbers mean somebody else at each tenant."""

MANAGERS = {"E2017": "E2001", "E2005": "E2001", "E2001": None}
Answer = tuple[int, Any]


def sku(number: int) -> str:
    """An article's number."""
    return f"LMP-{number:03}"


class Business:
    """What the systems of one tenant know; `tenant` is None where all share them. Tickets are remembered by their key."""

    def __init__(self, tenant: str | None) -> None:
        self._tenant = tenant or ""
        self._tickets: dict[str, Any] = {}

    def answer(self, system: str, request: Received) -> Answer:
        """Status and body, where all is well."""
        parts = urlsplit(request.target)
        path = [unquote(part) for part in parts.path.split("/")[2:]]
        answering: Mapping[str, Callable[..., Answer]] = {
            "erp": self._erp,
            "crm": self._crm,
            "tickets": self._ticketing,
            "hr": self._hr,
            "delivery": delivery,
            "hub": hub,
            "inventory": inventory,
            "profile": profile,
            "token": token,
        }
        return answering[system](path, {name: values[-1] for name, values in parse_qs(parts.query).items()}, request)

    def _of(self, subject: str, field: str) -> str:
        return canary(self._tenant, subject, field)

    def _erp(self, path: list[str], query: dict[str, str], request: Received) -> Answer:
        if path[0] == "customers":
            mine = [order for order, customer in OWNERS[self._tenant].items() if customer == path[1]]
            return 200, {"orders": [self._order(order, path[1]) for order in mine]}
        customer = OWNERS[self._tenant].get(path[1])
        return (404, {"error": "no such order"}) if customer is None else (200, self._order(path[1], customer))

    def _order(self, order: str, customer: str) -> dict[str, Any]:
        return {
            "order_id": order, "customer": customer, "ordered": self._of(customer, "ordered"), "requested": "2026-11-25",
            "delivery_status": "open" if order == "1008" else "shipped",
            "tracking_no": None if order == "1008" else self._of(customer, "tracking"),
            "currency": "EUR", "total": "10.50", "lines": [{"sku": sku(1), "quantity": 1, "price": "10.50"}],
            "margin": canary(SYSTEM, "erp", "margin"),
        }  # fmt: skip

    def _crm(self, path: list[str], query: dict[str, str], request: Received) -> Answer:
        subject = path[1]
        if subject not in OWNERS[self._tenant].values():
            return 404, {"error": "no such customer"}
        fields = {name: self._of(subject, name) for name in ("name", "email", "phone", "city")}
        rating = canary(SYSTEM, "crm", "rating")
        return 200, {"customer_id": subject, **fields, "segment": "private", "since": "2019-04-01", "rating": rating}

    def _ticketing(self, path: list[str], query: dict[str, str], request: Received) -> Answer:
        if request.method == "GET":
            ticket = {"ticket_id": self._of(query["customer"], "ticket"), "subject": "Lamp", "state": "open", "opened": "2026-11-01"}
            return 200, {"tickets": [ticket]}
        wanted = request.json()
        made = {"ticket_id": self._of(wanted["customer"], "ticket"), "subject": wanted["subject"], "state": "open"}
        key = request.headers.get("idempotency-key")
        return 201, made if key is None else self._tickets.setdefault(key, made)

    def _hr(self, path: list[str], query: dict[str, str], request: Received) -> Answer:
        employee = path[1]
        if employee not in MANAGERS:
            return 404, {"error": "no such employee"}
        if path[2:] == ["leave"]:
            return 200, {"year": 2026, "entitled": 28, "taken": 3, "planned": 1, "salary": self._of(employee, "salary")}
        name, salary = self._of(employee, "name"), self._of(employee, "salary")
        return 200, {"employee_id": employee, "name": name, "department": "Care", "manager_id": MANAGERS[employee], "salary": salary}


def delivery(path: list[str], query: dict[str, str], request: Received) -> Answer:
    """A parcel's number tells whose it is."""
    whose = owner_of(path[2])
    if whose is None:
        return 404, {}
    place = canary(whose.owner, whose.subject, "place")
    events = [{"time": "2026-11-20T08:00:00Z", "place": place, "code": "AR", "driver": canary(SYSTEM, "delivery", "driver")}]
    return 200, {"tracking_no": path[2], "state": "in_transit", "eta": "2026-11-26", "events": events}


def hub(path: list[str], query: dict[str, str], request: Received) -> Answer:
    """As `delivery`, in another form."""
    whose = owner_of(path[1])
    place = canary(whose.owner, whose.subject, "place") if whose is not None else "nowhere"
    return 200, {"tracking": {"eta": "2026-11-27", "events": [{"at": "2026-11-20T08:00:00Z", "hub": place, "code": "OD"}]}}


def inventory(path: list[str], query: dict[str, str], request: Received) -> Answer:
    """What anybody may know, and what it costs us, which nobody may."""
    cost = canary(SYSTEM, "inventory", "cost")
    if path[0] == "products":
        product = {"sku": sku(1), "name": "Lamp", "category": "Light", "price": "10.50", "quantity": 3, "cost": cost}
        return 200, {"items": [product]}
    if len(path) > 1:
        return 200, {"sku": path[1], "quantity": 3, "cost": cost}
    return 200, {"items": [{"sku": each, "quantity": 3, "cost": cost} for each in query["skus"].split(",")]}


def profile(path: list[str], query: dict[str, str], request: Received) -> Answer:
    """Knows who is asking by the token that was passed on."""
    claims = request.headers["authorization"].split(".")[1]
    told = msgspec.json.decode(unpadded(claims))
    return 200, {"note": canary(told["tenant"], told["customer_id"], "profile")}


def token(path: list[str], query: dict[str, str], request: Received) -> Answer:
    """The authorisation server."""
    return 200, {"access_token": canary(SYSTEM, "delivery", "token"), "token_type": "Bearer", "expires_in": 3600}


def unpadded(text: str) -> bytes:
    """What a part of a token says."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
