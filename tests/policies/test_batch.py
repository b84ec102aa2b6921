from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from gateway.testing.scenario import Scenario, scenario
from gateway.testing.servers import Received, Route, http_server

SPECS = """
source: shop
type: http
servers: ["{url}"]
operations:
  one:
    request: GET /one/{{sku}}
    batch: {{operation: many, param: skus, join: ",", match: {{sku: sku}}}}
  many:
    request: GET /many
    query: {{skus: "${{ args.skus }}"}}
    headers: {{X-User: "${{ user.id }}"}}
---
intent: ask
input: {{type: object, properties: {{sku: {{}}}}}}
access: {{roles: [customer]}}
steps: {{row: {{call: shop.one, with: {{sku: "${{ input.sku }}"}}}}}}
output: "${{ steps.row }}"
"""


def rows(request: Received) -> list[dict[str, Any]]:
    """A row for each of the keys, which tells for whom it was fetched."""
    keys = request.target.partition("skus=")[2].split("%2C")
    return [{"sku": key, "for": request.headers["x-user"]} for key in keys]


async def ask(made: Scenario, user: str, sku: Any) -> Any:
    return (await made.ask("ask", {"sku": sku}, user={"id": user, "roles": ["customer"]})).data


async def made_for(stack: AsyncExitStack, folder: Path, routes: dict[str, Route]) -> Scenario:
    url = await stack.enter_async_context(http_server(routes))
    return await stack.enter_async_context(scenario(folder, {"specs/all.yaml": SPECS.format(url=url)}, {}))


async def test_what_the_other_operation_sends_of_a_caller_parts_them(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        made = await made_for(stack, tmp_path, {"*": Route(rows)})
        asked = [("alice", "A"), ("bob", "B"), ("bob", "A"), ("alice", "B")]
        answers = await asyncio.gather(*(ask(made, user, sku) for user, sku in asked))
        assert answers == [{"sku": sku, "for": user} for user, sku in asked]


async def test_a_key_that_holds_the_separator_is_asked_for_alone(tmp_path: Path) -> None:
    many, one = Route(rows), Route(lambda request: {"path": request.path})
    async with AsyncExitStack() as stack:
        made = await made_for(stack, tmp_path, {"/many": many, "*": one})
        answers = await asyncio.gather(*(ask(made, "alice", sku) for sku in ("A", "B,C", "D")))
        assert answers == [{"sku": "A", "for": "alice"}, {"path": "/one/B%2CC"}, {"sku": "D", "for": "alice"}]
        assert len(many.received) == 1


async def test_a_row_without_a_key_is_nobodys(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        made = await made_for(stack, tmp_path, {"*": Route([{"sku": None, "secret": 1}, {"secret": 2}])})
        assert await ask(made, "alice", "null") is None
