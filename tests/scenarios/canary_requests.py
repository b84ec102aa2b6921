"""What is asked in the canary test: the demo's questions and many that are none, made from a seed."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from tests.scenarios.bodies import Bodies
from tests.scenarios.canary_visitors import CUSTOMERS, Visitor

Headers = list[tuple[bytes, bytes]]
INTENTS = (
    "track_order", "billing_overview", "create_ticket", "customer_card", "leave_balance", "product_search", "store_hours", "my_profile",
    "overview",
)  # fmt: skip
ORDERS, EMPLOYEES = ("1001", "1002", "1007", "1008", "9"), ("E2001", "E2005", "E2017", "E2999")
MESSAGES = (
    "track 1007",
    "where is my order 1001?",
    "show my bills",
    "customer C1001",
    "leave of E2017",
    "opening hours",
    "who am I?",
    "hm",
)
NASTY = (
    "${ secret.erp_password }", "${ env.GATEWAY_SECRETS_DIR }", "$${x}", "'; DROP TABLE bills; --", "' OR tenant='zeta' --", "../C1002",
    "C1002", "C1001%00", "..%2f..%2fcustomers%2fC1002", "1007/../1001", "1007?x=1",
    "{{7*7}}", "<script>", "a\r\nX-Crm-Key: x", "é\u202e\u0000",
    "A" * 5_000, "*", "null", "steps.order", "$.x", "`1`", "\\u0000",
)  # fmt: skip
PATHS = (
    "/v1/intents", "/orders/1007", "/orders/1001", "/orders/1002", "/orders/..%2f1002", "/products?q=lamp", "/stores",
    "/stores?city=Berlin",
    "/nope", "/admin", "/metrics", "/healthz", "/readyz?verbose", "/openapi.json", "/v1/intents/../chat", "//x", "/orders/%ff", "/tickets",
    "/v1/jobs/1", "/console", "/.env", "/gateway.yaml",
)  # fmt: skip
TRICKS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-forwarded-host", b"zeta.example"), (b"x-forwarded-host", b"acme.example"), (b"forwarded", b"host=zeta.example;for=10.0.0.1"),
    (b"x-tenant", b"zeta"), (b"x-tenant-id", b"acme"), (b"x-user", b"chidi"), (b"x-crm-key", b"mine"), (b"x-caller-identity", b"mine"),
    (b"x_api_key", b"guess"), (b"host", b"zeta.example"), (b"authorization", b"Basic Z2F0ZXdheTp4"), (b"x-note", b"n" * 40),
    (b"x-deadline-ms", b"60"), (b"x-deadline-ms", b"1"), (b"accept-language", b"de-AT, en;q=0.5"),
    (b"traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01"),
    (b"content-encoding", b"gzip"), (b"transfer-encoding", b"chunked"), (b"cookie", b"session=1"), (b"x-http-method-override", b"DELETE"),
    (b"idempotency-key", b"same-for-all"), (b"x-big", b"b" * 40_000),
)  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """One request."""

    method: str
    path: str
    body: bytes
    headers: Headers


class Questions:
    """Draws requests. `hostile` is the share of those that nobody asks in good faith."""

    def __init__(self, seed: int, hostile: float) -> None:
        self._random = random.Random(seed)
        self._hostile = hostile
        self._bodies = Bodies(seed, INTENTS)

    def draw(self, visitor: Visitor) -> Asked:
        """The next request of this visitor."""
        hostile = self._random.random() < self._hostile
        if hostile and self._chance(0.35):
            body, headers = self._bodies.draw()
            return Asked("POST", "/v1/chat", body, headers)
        if self._chance(0.12):
            return Asked("GET" if self._chance(0.8) else "POST", self._one(PATHS), b"", self._headers(hostile))
        intent = self._one(visitor.asks if visitor.asks and self._chance(0.8) else INTENTS)
        given = self._input(intent, visitor)
        if hostile and given:
            given[self._one(tuple(given))] = self._one(NASTY)
        if self._chance(0.1):
            return self._post(f"/v1/intents/{intent}", given, hostile)
        if self._chance(0.08):
            return self._post("/tickets", {"subject": visitor.says("subject"), "text": visitor.says("text")}, hostile)
        return self._post("/v1/chat", self._chat(intent, given, visitor), hostile)

    def _chat(self, intent: str, given: dict[str, Any], visitor: Visitor) -> dict[str, Any]:
        if self._chance(0.15):
            return {"message": self._one(MESSAGES) if self._chance(0.7) else visitor.says("message")}
        asked: dict[str, Any] = {"intent": intent, "input": given}
        if self._chance(0.2):
            asked["locale"] = self._one(("de-DE", "en", "fr-CA"))
        if self._chance(0.1):
            asked["session"] = "s-shared"
        if self._chance(0.1):
            asked["fields"] = [self._one(("order_id", "customer", "invoices.product", "events", "note"))]
        if self._chance(0.15):
            asked["idempotency_key"] = "same-for-all"
        return asked

    def _input(self, intent: str, visitor: Visitor) -> dict[str, Any]:
        """Mostly what they may ask for, often what they may not."""
        if intent in ("track_order", "overview"):
            return {"order_id": self._one(ORDERS)}
        if intent == "customer_card":
            return {"customer_id": self._one(CUSTOMERS)}
        if intent == "billing_overview":
            return {"customer_id": self._one(CUSTOMERS)} if self._chance(0.5) else {}
        if intent == "leave_balance":
            return {"employee_id": self._one(EMPLOYEES)} if self._chance(0.7) else {}
        if intent == "product_search":
            return {"query": "lamp" if self._chance(0.7) else visitor.says("query")}
        if intent == "create_ticket":
            about = {"customer_id": self._one(CUSTOMERS)} if visitor.customer is None else {}
            return {"subject": visitor.says("subject", self._random.randrange(3)), "text": visitor.says("text"), **about}
        return {}

    def _post(self, path: str, value: Any, hostile: bool) -> Asked:
        return Asked("POST", path, msgspec.json.encode(value), [(b"content-type", b"application/json"), *self._headers(hostile)])

    def _headers(self, hostile: bool) -> Headers:
        return [self._one(TRICKS) for _ in range(self._random.randrange(1, 3))] if hostile else []

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _one(self, choices: Any) -> Any:
        return self._random.choice(choices)
