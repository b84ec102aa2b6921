"""Nobody sees another's data, whatever shares a backend call; and nothing of the inside is seen by anybody."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from gateway.telemetry.logs import LogWriter
from gateway.testing.servers import Fault, Received, Route, http_server, refused_url
from tests.scenarios.conftest import Start
from tests.scenarios.running import Gateway, running

SHARED = """
source: crm
type: http
servers: ["${ env.CRM_URL }"]
operations:
  by_header: {request: GET /me, headers: {X-User: "${ user.id }"}}
  by_query: {request: GET /me, query: {for: "${ user.customer_id || user.id }"}}
  by_body: {request: POST /me, effect: read, body: {who: "${ user }"}}
  by_argument: {request: "GET /people/{id}"}
  public: {request: GET /hours}
  by_locale: {request: GET /hours, query: {lang: "${ ctx.locale }"}}
  price:
    request: GET /prices/{sku}
    headers: {X-User: "${ user.id }"}
    batch: {operation: prices, param: skus, join: ",", match: {sku: sku}}
  prices:
    request: GET /prices
    headers: {X-User: "${ user.id }"}
    params: {type: object, properties: {skus: {type: string}}}
---
source: portal
type: http
servers: ["${ env.CRM_URL }"]
forward: [X-Session-Token]
operations:
  by_forwarded: {request: GET /me}
---
intent: by_header
steps: {me: {call: crm.by_header}}
output: "${ steps.me }"
---
intent: by_query
steps: {me: {call: crm.by_query}}
output: "${ steps.me }"
---
intent: by_body
steps: {me: {call: crm.by_body}}
output: "${ steps.me }"
---
intent: by_argument
steps: {me: {call: crm.by_argument, with: {id: "${ user.id }"}}}
output: "${ steps.me }"
---
intent: by_forwarded
steps: {me: {call: portal.by_forwarded}}
output: "${ steps.me }"
---
intent: public
steps: {me: {call: crm.public}}
output: "${ steps.me }"
---
intent: by_locale
steps: {me: {call: crm.by_locale}}
output: "${ steps.me }"
reply: {en: open, de: offen, de-CH: offe}
---
intent: prices
input: {type: object, properties: {skus: {type: array, items: {type: string}}}}
steps: {prices: {foreach: input.skus, as: sku, call: crm.price, with: {sku: "${ sku }"}}}
output: "${ steps.prices }"
"""


def whose(request: Received) -> dict[str, Any]:
    """Tells who the backend took the caller for."""
    query = request.target.partition("?")[2]
    who = request.headers.get("x-user") or request.headers.get("x-session-token") or query.removeprefix("for=")
    return {"owner": request.json()["who"]["id"] if request.body else who}


def priced(request: Received) -> list[dict[str, Any]]:
    skus = request.target.partition("skus=")[2].replace("%2C", ",").split(",")
    return [{"sku": sku, "owner": request.headers["x-user"]} for sku in reversed(skus)]


def crm() -> dict[str, Route]:
    people = {f"/people/{name}": Route({"owner": name}, delay=0.02) for name in ("alice", "bob")}
    me, hours = Route(whose, delay=0.02), Route({"owner": None}, delay=0.02)
    return {"/me": me, "/hours": hours, "/prices": Route(priced, delay=0.02), **people}


OWNERS = {"by_query": {"alice": "C1", "bob": "C2"}}


@pytest.mark.parametrize("intent", ["by_header", "by_query", "by_body", "by_argument"])
async def test_two_users_at_one_url_never_share_and_one_user_does(start: Start, intent: str) -> None:
    routes = crm()
    gateway = await start(SHARED, crm=routes)
    users = ["alice", "bob"] * 20
    answers = await asyncio.gather(*(gateway.quick(intent, user=user) for user in users))
    for user, (status, body) in zip(users, answers, strict=True):
        assert (status, body["data"]) == (200, {"owner": OWNERS.get(intent, {}).get(user, user)})
    assert sum(route.count for route in routes.values()) == 2


async def test_who_differs_in_a_forwarded_header_never_shares(start: Start) -> None:
    routes = crm()
    gateway = await start(SHARED, crm=routes)
    sent = [(user, token) for user in ("alice", "bob") for token in ("t1", "t2", None)] * 10

    async def ask(user: str, token: str | None) -> Any:
        return (await gateway.chat({"intent": "by_forwarded"}, user=user, **({"X_Session_Token": token} if token else {}))).json()["data"]

    answers = await asyncio.gather(*(ask(user, token) for user, token in sent))
    assert answers == [{"owner": token or ""} for _, token in sent]
    # Only the token reaches the backend, so those with one token may share whoever they are.
    assert Counter(received.headers.get("x-session-token") for received in routes["/me"].received) == {"t1": 1, "t2": 1, None: 1}


async def test_everybody_shares_where_nothing_differs(start: Start) -> None:
    routes = crm()
    gateway = await start(SHARED, crm=routes)
    answers = await asyncio.gather(*(gateway.quick("public", user=user) for user in ("alice", "bob", "nobody") * 20))
    assert {status for status, _ in answers} == {200}
    assert routes["/hours"].count == 1
    bodies = [{"intent": "by_locale", "locale": language} for language in ("de", "de-CH", "en") * 10]
    await asyncio.gather(*(gateway.raw.chat(body, key=f"key-{user}") for body in bodies for user in ("alice", "bob")))
    asked = sorted(received.target for received in routes["/hours"].received[1:])
    assert asked == ["/hours?lang=de", "/hours?lang=de-CH", "/hours?lang=en"]


async def test_a_batch_holds_one_users_keys(start: Start) -> None:
    routes = crm()
    gateway = await start(SHARED, crm=routes)
    users = ["alice", "bob"] * 10
    asked = [[f"s{number}", f"s{number % 3 + 100}"] for number in range(len(users))]
    answers = await asyncio.gather(*(gateway.quick("prices", user=user, skus=skus) for user, skus in zip(users, asked, strict=True)))
    for user, skus, (_, body) in zip(users, asked, answers, strict=True):
        assert body["data"] == [{"sku": sku, "owner": user} for sku in skus]
    assert {received.headers["x-user"] for received in routes["/prices"].received} == {"alice", "bob"}
    assert routes["/prices"].count < len(users)


FAULTS: list[Fault | int | None] = [*(None,) * 12, 500, 404, "reset", "close", "truncated", "garbage"]
PERSONAL = ("by_header", "by_query", "by_body", "by_argument", "prices")


class Storm:
    """Users who ask for much the same at once, and often lose patience, of backends that often fail."""

    def __init__(self, gateway: Gateway, seed: int) -> None:
        self.gateway = gateway
        self.random = random.Random(seed)
        self.seen: Counter[str] = Counter()

    async def ask(self) -> None:
        user = self.random.choice(("alice", "bob"))
        intent = self.random.choice(PERSONAL)
        given = {"skus": self.random.sample(["a", "b", "c", "d"], 2)} if intent == "prices" else {}
        asking = asyncio.create_task(self.gateway.quick(intent, user=user, **given))
        if self.random.random() < 0.3:
            await asyncio.sleep(self.random.choice((0, 0, 0.001, 0.004)))
            asking.cancel()
        try:
            status, body = await asking
        except asyncio.CancelledError:
            self.seen["cancelled"] += 1
            return
        self.seen[str(status)] += 1
        if status != 200:
            assert status in (404, 502, 503), body
            return
        rows = body["data"] if intent == "prices" else [body["data"]]
        assert [row["owner"] for row in rows] == [OWNERS.get(intent, {}).get(user, user)] * max(1, len(given.get("skus", ())))


def unsteady(routes: dict[str, Route], seed: int) -> dict[str, Route]:
    """Changes how a route answers each time that it is asked."""
    drawn = random.Random(seed)

    def vary(route: Route, answer: Any) -> Any:
        def answered(request: Received) -> Any:
            given = answer(request) if callable(answer) else answer
            chosen = drawn.choice(FAULTS)
            route.status = chosen if isinstance(chosen, int) else 200
            route.fault = chosen if isinstance(chosen, str) else None
            route.delay = drawn.choice((0.0, 0.001, 0.003))
            return given

        return answered

    for route in routes.values():
        route.json, route.delay = vary(route, route.json), 0.0
    return routes


async def storm(gateway: Gateway, calls: int, seed: int) -> Counter[str]:
    it = Storm(gateway, seed)
    for _ in range(calls // 50):
        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(it.ask())
    return it.seen


async def test_no_interleaving_of_cancels_and_faults_shows_foreign_data(start: Start) -> None:
    gateway = await start(SHARED, crm=unsteady(crm(), seed=7))
    seen = await storm(gateway, 2_000, seed=1)
    assert seen.total() == 2_000
    assert min(seen["200"], seen["cancelled"]) > 200
    assert seen["502"] > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
async def test_no_interleaving_at_length(start: Start, seed: int) -> None:
    gateway = await start(SHARED, crm=unsteady(crm(), seed))
    assert (await storm(gateway, 5_000, seed)).total() == 5_000


CANARY = "canary-7f3a"
INTERNAL = f"""
source: erp
type: http
servers: ["${{ env.ERP_URL }}/{CANARY}-base"]
headers: {{Authorization: "Bearer ${{ secret.erp_token }}", X-Env: "${{ env.ERP_MODE }}"}}
operations:
  order: {{request: "GET /{CANARY}-path/{{id}}", query: {{key: {CANARY}-query}}}}
  note: {{request: "POST /{CANARY}-path/notes", body: {{secret: {CANARY}-body, text: "${{ args.text }}"}}}}
---
source: nowhere
type: http
servers: ["http://{CANARY}-host.invalid:8099"]
headers: {{Authorization: "${{ secret.erp_token }}"}}
operations:
  order: {{request: "GET /{CANARY}/{{id}}"}}
---
source: gone
type: http
servers: ["${{ env.GONE_URL }}/{CANARY}"]
operations:
  order: {{request: "GET /{CANARY}/{{id}}"}}
---
source: books
type: sql
url: "${{ env.BOOKS_URL }}"
operations:
  good: {{query: "SELECT id, 1 AS one FROM {{TABLE}} WHERE id = :id /* {CANARY} */"}}
  bad: {{query: "SELECT nope FROM {CANARY.replace("-", "_")} WHERE id = :id"}}
  overflow: {{query: "SELECT abs(-9223372036854775807 - 1) AS n FROM {{TABLE}} WHERE :id = :id /* {CANARY} */"}}
---
intent: order
input: {{type: object, required: [id], properties: {{id: {{type: string}}, note: {{type: string}}}}}}
steps:
  order: {{call: erp.order, with: {{id: "${{ input.id }}"}}}}
  note: {{call: erp.note, when: input.note, with: {{text: "${{ input.note }}"}}, depends_on: [order]}}
output: {{id: "${{ steps.order.id }}"}}
"""
WAYS_TO_FAIL: list[tuple[int, Fault | None]] = [(500, None), (404, None), (200, "garbage"), (200, "truncated"), (200, "reset"), (302, None)]
CALLS = ("nowhere.order", "gone.order", "books.good", "books.bad", "books.overflow")


def internal_specs() -> str:
    single = "".join(
        f"---\nintent: ask_{call.replace('.', '_')}\ninput: {{type: object, properties: {{id: {{type: string}}}}}}\n"
        f'steps: {{it: {{call: {call}, with: {{id: "${{ input.id }}"}}}}}}\noutput: "${{ steps.it }}"\n'
        for call in CALLS
    )
    return (INTERNAL + single).replace("{TABLE}", "lines")


async def test_no_secret_url_host_or_sql_is_seen_outside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = tmp_path / f"{CANARY}.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE lines (id TEXT)")
    connection.close()
    route = Route({"id": "7", "debug": CANARY})
    caplog.set_level(logging.DEBUG, "gateway")
    written = StringIO()
    logs = LogWriter(written, service="acme")
    logs.start(logging.DEBUG)
    seen: list[str] = []
    async with http_server({"*": route}) as url:
        gone = refused_url()
        environ = {
            "ERP_URL": url, "GONE_URL": gone, "ERP_MODE": f"{CANARY}-mode", "GATEWAY_SECRET_ERP_TOKEN": f"{CANARY}-token",
            "BOOKS_URL": f"sqlite:///{database}",
        }  # fmt: skip
        async with running(tmp_path / "acme", internal_specs(), environ) as gateway:
            for intent in ("order", *(f"ask_{call.replace('.', '_')}" for call in CALLS)):
                note = {"note": "x"} if intent == "order" else {}
                seen += await everything_of(gateway, {"intent": intent, "input": {"id": "7", **note}})
            for status, fault in WAYS_TO_FAIL:
                route.status, route.fault = status, fault
                route.body = f"Traceback: {CANARY} at {url}".encode() if status != 200 else None
                seen += await everything_of(gateway, {"intent": "order", "input": {"id": "7"}})
            assert route.received[0].headers["authorization"] == f"Bearer {CANARY}-token"
            seen.append(await gateway.metrics())
    logs.close()
    written_log = written.getvalue()
    assert written_log.count('"event":"request"') == 2 * (6 + 6)
    ports = [f":{address.rpartition(':')[2]}" for address in (url, gone)]
    for text in (*seen, written_log, caplog.text):
        for internal in (CANARY, CANARY.replace("-", "_"), "127.0.0.1", ":8099", *ports, "SELECT", "sqlite"):
            assert internal not in text, text


async def everything_of(gateway: Gateway, body: dict[str, Any]) -> list[str]:
    """What a customer, and an operator with the permission `trace`, see of a request; ids of requests are left out."""
    seen = []
    for user in ("alice", "operator"):
        answered = await gateway.chat(body, user=user, X_Request_Id="r1")
        assert answered.status_code != 500, answered.text
        seen.append(f"{answered.text} {answered.headers}")
    return seen
