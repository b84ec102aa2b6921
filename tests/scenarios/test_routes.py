"""Ways to write a path: none of them reaches another route than the one that is meant, or gets round its access."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from gateway.testing.servers import Route
from tests.scenarios.conftest import Start
from tests.scenarios.running import Gateway
from tests.server.gateways import Received

SPECS = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  seen: {request: "GET /{who}", query: {path: "${ args.path }"}}
---
intent: open
access: {roles: [anonymous, customer, partner]}
input: {type: object, properties: {id: {type: string}}}
steps: {seen: {call: erp.seen, with: {who: open, path: "${ input.id }"}}}
output: {id: "${ input.id }", seen: "${ steps.seen }"}
---
intent: closed
access: {roles: [partner], when: "contains(user.roles, 'partner')"}
steps: {seen: {call: erp.seen, with: {who: closed}}}
output: {seen: "${ steps.seen }"}
---
route: one
match: {path: "/shop/items/{id}"}
intent: open
input: {id: "${ request.path.id }"}
---
route: rest
match: {path: "/shop/files/**"}
intent: open
input: {id: rest}
---
route: admin
match: {path: /shop/items/admin}
intent: closed
---
route: secret
match: {path: /shop/files/private/secret}
intent: closed
---
route: report
match: {path: /shop/report}
access: {roles: [partner]}
intent: open
input: {id: report}
"""
CLOSED = ("/shop/items/admin", "/shop/files/private/secret")


async def backed(start: Start) -> tuple[Gateway, dict[str, Route]]:
    routes = {"/open": Route({}), "/closed": Route({})}
    return await start(SPECS, erp=routes), routes


async def reached(gateway: Gateway, path: str | bytes, user: str | None = "alice", method: str = "GET") -> tuple[int, Any]:
    """Status, and the id that the intent `open` was asked for."""
    received: Received = await gateway.raw.send(method, path, key=None if user is None else f"key-{user}")
    told = received.json() if received.body else {}
    return received.status, (told.get("data") or {}).get("id")


async def test_the_most_specific_route_answers(start: Start) -> None:
    gateway, _ = await backed(start)
    assert await reached(gateway, "/shop/items/7") == (200, "7")
    assert await reached(gateway, "/shop/items/Admin") == (200, "Admin")
    assert await reached(gateway, "/shop/files/a/b/c") == (200, "rest")
    for path in CLOSED:
        assert await reached(gateway, path) == (403, None)
        assert (await reached(gateway, path, user="partner"))[0] == 200


SPELLINGS = [
    "/shop/items/{name}",
    "/shop/items//{name}",
    "//shop/items/{name}",
    "/shop//items/{name}",
    "/shop/./items/{name}",
    "/shop/x/../items/{name}",
    "/x/../shop/items/{name}",
    "/shop/items/./{name}",
    "/shop/items/x/../{name}",
    "/shop/items/x/%2e%2e/{name}",
    "/shop/items/x/.%2E/{name}",
    "/shop/items/%2e/{name}",
    "/shop%2fitems%2f{name}",
    "/shop%2Fitems/{name}",
    "/shop/items%2f{name}",
    "/shop/items/x%2f..%2f{name}",
    "/shop/items/..%2fitems%2f{name}",
    "/%73hop/items/{name}",
    "/shop/%69tems/{name}",
    "/shop/items/{name}/",
    "/shop/items/{name}//",
    "/shop/items/{name}/.",
    "/shop/items/{name}/..",
    "/shop/items/{name}/../{name}",
    "/shop/items/{name};x=1",
    "/shop/items;x=1/{name}",
    "/shop/items/{name}%3bx",
    "/shop/items/{name}%00",
    "/shop/items/{name}%0a",
    "/shop/items/{name}%20",
    "/shop/items/{name}%09",
    "/shop/items/%20{name}",
    "/shop/items\\{name}",
    "/shop\\items\\{name}",
    "/shop/items%5c{name}",
    "/shop/items/..\\items\\{name}",
    "/shop/items/{name}%2500",
    "/shop/items/%252e%252e/{name}",
    "/shop/items/{name}%",
    "/shop/items/{name}%zz",
    "/shop/items/{name}%c0%ae",
    "/shop/items/%c0%ae%c0%ae/{name}",
    "/shop/items/{name}%ff",
    "/shop/items/{name}%ef%bc%8f",
    "/../shop/items/{name}",
    "/%2e%2e/shop/items/{name}",
    "/shop/../../shop/items/{name}",
    "/v1/../shop/items/{name}",
    "/shop/items/{name}#x",
    "shop/items/{name}",
    "http://gateway.example/shop/items/{name}",
    "*",
    "",
]
NAMES = ["admin", "%61dmin", "a%64min", "%61%64%6d%69%6e", "%2561dmin", "ADMIN", "Admin", "ⓐdmin", "admiń"]


async def test_no_spelling_gets_round_the_access_of_a_route(start: Start) -> None:
    gateway, routes = await backed(start)
    for spelling, name in itertools.product(SPELLINGS, NAMES):
        path = spelling.replace("{name}", name).encode()
        for user in ("alice", None):
            status, found = await reached(gateway, path, user)
            assert status in (200, 400, 401, 403, 404), path
            assert found != "admin", path
            assert found is None or not set(found) & set("/\\\0\n\t"), path
    assert routes["/closed"].count == 0
    assert routes["/open"].count > 0
    assert all(re.fullmatch(r"/open\?path=[A-Za-z0-9%._~-]+", received.target) for received in routes["/open"].received)


@pytest.mark.parametrize(
    "path",
    [
        "/shop/files/private/./secret",
        "/shop/files/private/x/../secret",
        "/shop/files/private%2fsecret",
        "/shop/files/x/%2e%2e/private/secret",
        "/shop/files/%70rivate/secret",
        "/shop/items/../files/private/secret",
        "/shop/items/%2e%2e/items/admin",
        "/shop/items%2fadmin",
        "/shop/items/%61dmin",
    ],
)
async def test_spellings_of_a_closed_route_are_that_route(start: Start, path: str) -> None:
    gateway, routes = await backed(start)
    assert (await reached(gateway, path))[0] == 403
    assert (await reached(gateway, path, user=None))[0] == 401
    assert not any(route.received for route in routes.values())
    assert (await reached(gateway, path, user="partner"))[0] == 200
    assert routes["/closed"].count == 1


async def test_a_route_may_be_narrower_than_its_intent_and_never_wider(start: Start) -> None:
    gateway, _ = await backed(start)
    statuses = {user: (await reached(gateway, "/shop/report", user=user))[0] for user in ("alice", "partner", "reseller", None)}
    assert statuses == {"alice": 403, "partner": 200, "reseller": 200, None: 401}


WIDER = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  orders: {request: GET /orders}
---
intent: orders
access: {roles: [customer], when: "user.customer_id == 'C1'"}
steps: {orders: {call: erp.orders}}
output: "${ steps.orders }"
---
route: for_partners
match: {path: /partners/orders}
access: {roles: [partner]}
intent: orders
---
route: for_all
match: {path: /orders}
intent: orders
---
route: with_a_condition
match: {path: /second/orders}
access: {roles: [customer], when: "user.id == 'bob'"}
intent: orders
"""


async def test_both_the_routes_access_and_the_intents_must_permit(start: Start) -> None:
    orders = Route([])
    gateway = await start(WIDER, erp={"/orders": orders})

    async def statuses(path: str) -> dict[str | None, int]:
        return {user: (await reached(gateway, path, user=user))[0] for user in ("alice", "bob", "partner", "reseller", None)}

    denied = {"alice": 403, "bob": 403, "partner": 403, "reseller": 403, None: 401}
    assert await statuses("/partners/orders") == denied
    assert await statuses("/second/orders") == denied
    assert orders.count == 0
    assert await statuses("/orders") == {**denied, "alice": 200}


async def test_other_methods_and_other_addresses_are_told_apart(start: Start) -> None:
    gateway, routes = await backed(start)
    assert (await reached(gateway, "/shop/items/7", method="POST"))[0] == 405
    assert (await reached(gateway, "/shop/items/7", method="HEAD"))[0] == 200
    assert (await reached(gateway, "/shop/items/admin", method="HEAD"))[0] == 403
    assert (await reached(gateway, "/shop/items/admin", method="POST"))[0] == 405
    assert (await reached(gateway, "/shop/items/admin", method="get"))[0] in (403, 405, 501)
    for path in ("/shop/items", "/shop", "/shop/items/7/8", "/SHOP/items/7", "/shop/Items/7", "/shop/items/"):
        assert (await reached(gateway, path))[0] == 404, path
    assert routes["/closed"].count == 0
