"""`stores.state`, planned and in force: which URLs are refused, and that a gateway serves whatever becomes of the server behind one."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.testing.redis import ServerMissing, redis_server
from gateway.testing.scenario import Scenario, prepare, scenario

SPECS = """
source: erp
type: fake
operations:
  stock: {cache: {ttl: 60s, scope: public}}
---
intent: stock
access: {roles: [customer]}
input: {type: object, properties: {sku: {type: string}}}
steps:
  stock: {call: erp.stock, with: {sku: "${ input.sku }"}}
output: {left: "${ steps.stock.left }"}
"""
CUSTOMER = {"id": "u1", "roles": ["customer"]}


def files(url: str) -> dict[str, str]:
    gateway = f"gateway: scenario\nidentity: [{{scenario: {{}}}}]\nstores: {{state: '{url}'}}\n"
    return {"gateway.yaml": gateway, "specs/shop.yaml": SPECS}


def up(gateway: Scenario) -> bool:
    assert gateway.plan.state is not None
    return gateway.plan.state.up


async def left(gateway: Scenario, sku: str) -> int:
    answer = await gateway.ask("stock", {"sku": sku}, user=CUSTOMER)
    found: int = answer.data["left"]
    return found


@pytest.mark.parametrize(
    ("url", "codes", "hint"),
    [
        ("memory://", [], ""),
        ("redis://:hush@h:1/0", [], ""),
        ("rediss://u:hush@h", [], ""),
        ("memory://x", ["GW252"], "write `memory://`, and nothing behind it"),
        ("rediss://u:hush@h/0?ssl_cert_reqs=none", ["GW252"], "leave out what follows"),
        ("redis-cluster://hush@h", ["GW252"], "Redis Cluster comes in a later release"),
        ("redi://hush@h", ["GW252"], "did you mean `redis://…`?"),
        (
            "sqlite:///var/x.db",
            ["GW252"],
            "write `memory://…` or `redis://…` or `redis+sentinel://…` or `rediss://…` or `rediss+sentinel://…`",
        ),
        ("hush", ["GW252"], "write `memory://…` or"),
        ("", ["GW252"], "write `memory://…` or"),
    ],
)
def test_urls_of_stores(tmp_path: Path, url: str, codes: list[str], hint: str) -> None:
    prepared = prepare(tmp_path, files(url), {})
    assert prepared.codes == codes
    assert all(hint in (problem.hint or "") for problem in prepared.problems)
    assert "hush" not in "".join(f"{problem.message} {problem.hint}" for problem in prepared.problems)


def test_with_memory_nothing_is_shared(tmp_path: Path) -> None:
    assert prepare(tmp_path, files("memory://"), {}).plan.state is None


async def test_it_serves_without_the_server(tmp_path: Path) -> None:
    async with scenario(tmp_path, files("redis://127.0.0.1:1/0"), {"erp.stock": {"left": 3}}) as gateway:
        assert not up(gateway)
        assert [await left(gateway, sku) for sku in ("a", "a", "b")] == [3, 3, 3]
        assert len(gateway.called("erp.stock")) == 2


@pytest.mark.service
async def test_nodes_share_what_one_of_them_asked_for_and_none_fails_with_the_server(tmp_path: Path) -> None:
    try:
        with redis_server() as server:
            async with AsyncExitStack() as stack:
                nodes = [
                    await stack.enter_async_context(scenario(tmp_path / name, files(server.url()), {"erp.stock": {"left": 3}}))
                    for name in ("a", "b")
                ]
                assert await left(nodes[0], "a") == 3
                for _ in range(100):
                    if server.run("DBSIZE") != "0":
                        break
                    await asyncio.sleep(0.01)
                assert await left(nodes[1], "a") == 3
                assert nodes[1].called("erp.stock") == []
                server.kill()
                assert await asyncio.gather(*(left(node, f"sku{number}") for node in nodes for number in range(20))) == [3] * 40
                assert not any(up(node) for node in nodes)
    except ServerMissing as missing:
        pytest.skip(str(missing))
