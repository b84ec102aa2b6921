"""Further tries over real connections: an outage is never multiplied, not even by several gateways on top of each other."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.testing import Route, http_server
from gateway.testing.servers import Received
from tests.scenarios.running import Gateway, running
from tests.server.connections import bare

RETRY = "retry: {max: 3, codes: [connect, timeout, 502, 503, 504], backoff: 1ms..3ms}"
SPECS = """
source: below
type: http
servers: ["${ env.BELOW_URL }"]
%s
operations:
  item: {request: "GET /items/{id}"}
---
intent: item
access: {roles: [anonymous, customer, operator]}
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {item: {call: below.item, with: {id: "${ input.id }"}}}
output: {id: "${ steps.item.id }"}
---
route: item
match: {method: GET, path: "/items/{id}"}
intent: item
input: {id: "${ request.path.id }"}
respond: {body: "${ output }"}
"""
REQUESTS = 500


def flaky(statuses: Callable[[], int], headers: Mapping[str, str] | None = None) -> Route:
    """A backend that answers with one status after the other."""
    route = Route(headers=headers or {})

    def answer(request: Received) -> Any:
        route.status = statuses()
        return {"id": request.path.rpartition("/")[2]}

    route.json = answer
    return route


def at_random(share: float) -> Callable[[], int]:
    """503 for that share of the requests."""
    draw = random.Random(7)
    return lambda: 503 if draw.random() < share else 200


def each_of(*statuses: int) -> Callable[[], int]:
    """These in order; the last for ever."""
    left = list(statuses)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


async def crowd(ask: Callable[[int], Awaitable[int]], callers: int = 10) -> list[int]:
    """The statuses that callers saw, who ask one behind the other."""
    numbers: Iterator[int] = iter(range(REQUESTS))

    async def caller() -> list[int]:
        return [await ask(number) for number in numbers]

    return [status for seen in await asyncio.gather(*(caller() for _ in range(callers))) for status in seen]


@pytest.mark.parametrize(("share", "good"), [(0.5, 280), (1.0, 0)])
async def test_an_outage_is_not_multiplied(tmp_path: Path, share: float, good: int) -> None:
    route = flaky(at_random(share))
    async with http_server({"*": route}) as url, running(tmp_path, SPECS % RETRY, {"BELOW_URL": url}) as gateway:

        async def ask(number: int) -> int:
            return (await gateway.quick("item", id=str(number)))[0]

        statuses = await crowd(ask)
        metrics = await gateway.metrics()
    assert REQUESTS <= route.count <= REQUESTS * 1.2
    assert statuses.count(200) >= good
    assert set(statuses) <= {200, 502}
    assert 'gateway_retries_total{operation="item",outcome="denied",source="below"}' in metrics
    assert route.count >= REQUESTS * 1.19  # what there is of the budget is used


@pytest.mark.parametrize("share", [0.5, 1.0])
async def test_three_gateways_on_top_of_each_other_are_no_worse_than_one(tmp_path: Path, share: float) -> None:
    route = flaky(at_random(share))
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(http_server({"*": route}))
        gateways: list[Gateway] = []
        for name in ("lowest", "middle", "top"):
            gateways.append(await stack.enter_async_context(running(tmp_path / name, SPECS % RETRY, {"BELOW_URL": url})))
            host, port = await stack.enter_async_context(bare(gateways[-1].application))
            url = f"http://{host}:{port}"

        async def ask(number: int) -> int:
            return (await gateways[-1].quick("item", id=str(number)))[0]

        statuses = await crowd(ask)
        told = await gateways[1].get("/items/9")
    assert route.count <= REQUESTS * 1.3
    assert statuses.count(200) >= (0 if share == 1 else 280)
    if share == 1:
        assert (told.status_code, told.headers["x-should-retry"]) == (502, "false")


async def test_one_that_gives_up_leaves_nobody_trying(tmp_path: Path) -> None:
    """The upper gateway's time for one try is over while the lower one still tries: what is asked below has an end too."""
    hangs = Route({}, fault="silent")
    upper = "timeout: 60ms\nretry: {max: 1, codes: [timeout], backoff: 1ms..2ms}"
    lower = "timeout: 40ms\nretry: {max: 9, codes: [timeout], backoff: 1ms..2ms}"
    async with (
        http_server({"*": hangs}) as url,
        running(tmp_path / "lower", SPECS % lower, {"BELOW_URL": url}) as below,
        bare(below.application) as (host, port),
        running(tmp_path / "upper", SPECS % upper, {"BELOW_URL": f"http://{host}:{port}"}) as above,
    ):
        began = asyncio.get_running_loop().time()
        status, _ = await above.quick("item", id="1")
        took = asyncio.get_running_loop().time() - began
        made = hangs.count
        await asyncio.sleep(0.05)
        await asyncio.sleep(0.05)
    assert status in {502, 504}  # the lower one's answer comes just in time, or just not
    assert took < 1.0
    assert 1 <= made <= 4
    assert hangs.count == made
    assert all(1 <= int(request.headers["x-deadline-ms"]) <= 40 for request in hangs.received)


async def test_what_was_tried_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    route = flaky(each_of(503, 502, 200))
    async with http_server({"*": route}) as url, running(tmp_path, SPECS % RETRY, {"BELOW_URL": url}) as gateway:
        with caplog.at_level(logging.INFO):
            answer = (await gateway.chat({"intent": "item", "input": {"id": "7"}}, user="operator", X_Trace="1")).json()
        metrics = await gateway.metrics()
    assert answer["data"] == {"id": "7"}
    assert answer["meta"]["steps"]["item"]["attempts"] == 3
    (record,) = [each for each in caplog.records if each.getMessage() == "request"]
    told: dict[str, Any] = record.fields["steps"]["item"]  # type: ignore[attr-defined]
    assert (told["status"], told["attempts"]) == ("ok", 3)
    assert 'gateway_retries_total{operation="item",outcome="ok",source="below"} 1.0' in metrics
    assert 'gateway_retries_total{operation="item",outcome="failed",source="below"} 1.0' in metrics


@pytest.mark.parametrize(("said", "tries", "at_least"), [("1", 2, 1.0), ("5", 1, 0.0)])
async def test_a_backend_that_says_when_is_asked_then_or_not_at_all(tmp_path: Path, said: str, tries: int, at_least: float) -> None:
    route = flaky(each_of(503, 200), {"Retry-After": said})
    limits = f"timeout: 2s\n{RETRY}"
    async with http_server({"*": route}) as url, running(tmp_path, SPECS % limits, {"BELOW_URL": url}) as gateway:
        began = asyncio.get_running_loop().time()
        received = await gateway.chat({"intent": "item", "input": {"id": "7"}}, X_Deadline_Ms="3000")
        took = asyncio.get_running_loop().time() - began
    assert route.count == tries
    assert at_least <= took < at_least + 0.9
    assert received.status_code == (200 if tries == 2 else 502)
    if tries == 1:
        assert received.headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    ("statuses", "headers", "tries"),
    [
        ((503, 200), {"X-Should-Retry": "false"}, 1),
        ((503, 200), {"X-Should-Retry": "true"}, 2),
        ((404, 200), {}, 1),
        ((429, 200), {}, 1),
        ((500, 200), {}, 1),
    ],
)
async def test_what_is_not_to_be_tried_again_is_not(tmp_path: Path, statuses: tuple[int, ...], headers: dict[str, str], tries: int) -> None:
    route = flaky(each_of(*statuses), headers)
    async with http_server({"*": route}) as url, running(tmp_path, SPECS % RETRY, {"BELOW_URL": url}) as gateway:
        received = await gateway.ask("item", id="7")
    assert route.count == tries
    assert (received.headers.get("x-should-retry") == "false") is ("X-Should-Retry" in headers and tries == 1)


async def test_a_write_is_repeated_with_one_key_and_without_a_key_not_at_all(tmp_path: Path) -> None:
    specs = (
        SPECS % RETRY
        + """
---
source: desk
type: http
servers: ["${ env.BELOW_URL }"]
retry: {max: 2, backoff: 1ms..2ms}
operations:
  order: {request: "POST /orders", idempotency: {}, body: {of: "${ args.id }"}, params: {type: object, properties: {id: {type: string}}}}
---
intent: order
access: {roles: [customer]}
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {order: {call: desk.order, with: {id: "${ input.id }"}}}
output: {id: "${ steps.order.id }"}
"""
    )
    keyed, keyless = flaky(each_of(503, 503, 200)), flaky(each_of(503, 200))
    body = {"intent": "order", "input": {"id": "7"}}
    async with http_server({"*": keyed}) as url, running(tmp_path / "keyed", specs, {"BELOW_URL": url}) as gateway:
        received = await gateway.chat(body, Idempotency_Key="k-1")
    assert (received.status_code, keyed.count) == (200, 3)
    assert len({request.headers["idempotency-key"] for request in keyed.received}) == 1
    async with http_server({"*": keyless}) as url, running(tmp_path / "keyless", specs, {"BELOW_URL": url}) as gateway:
        received = await gateway.chat(body)
    assert (received.status_code, keyless.count) == (502, 1)
    assert "x-should-retry" not in received.headers


async def test_each_try_has_its_own_time(tmp_path: Path) -> None:
    """The first connection hangs, the second answers: well before the intent's ten seconds are over."""
    route = Route({"id": "7"}, delay=5.0)

    async def mend() -> None:
        while not route.count:
            await asyncio.sleep(0.005)
        route.delay = 0.0

    limits = f"timeout: 50ms\n{RETRY}"
    async with http_server({"*": route}) as url, running(tmp_path, SPECS % limits, {"BELOW_URL": url}) as gateway:
        mending = asyncio.create_task(mend())
        began = asyncio.get_running_loop().time()
        received = await gateway.ask("item", id="7")
        took = asyncio.get_running_loop().time() - began
        await mending
    assert (received.status_code, route.count) == (200, 2)
    assert 0.05 <= took < 3.0


HEDGED = SPECS.replace('item: {request: "GET /items/{id}"}', 'item: {request: "GET /items/{id}", hedge: {delay: 20ms}}')


async def test_a_slow_read_is_hedged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    route = Route({"id": "7"}, delay=2.0)

    async def mend() -> None:
        while not route.count:
            await asyncio.sleep(0.001)
        route.delay = 0.0

    async with http_server({"*": route}) as url, running(tmp_path, HEDGED % "timeout: 4s", {"BELOW_URL": url}) as gateway:
        mending = asyncio.create_task(mend())
        began = asyncio.get_running_loop().time()
        with caplog.at_level(logging.INFO):
            received = await gateway.ask("item", id="7")
        took = asyncio.get_running_loop().time() - began
        await mending
        metrics = await gateway.metrics()
    assert (received.status_code, route.count) == (200, 2)
    assert took < 1.9
    assert 'gateway_hedges_total{operation="item",outcome="won",source="below"} 1.0' in metrics
    (record,) = [each for each in caplog.records if each.getMessage() == "request"]
    told: dict[str, Any] = record.fields["steps"]["item"]  # type: ignore[attr-defined]
    assert (told["attempts"], told["hedges"]) == (2, 1)


async def test_a_backend_that_is_slow_for_everybody_is_not_doubled(tmp_path: Path) -> None:
    route = Route(lambda request: {"id": "7"}, delay=0.03)
    async with http_server({"*": route}) as url, running(tmp_path, HEDGED % "", {"BELOW_URL": url}) as gateway:

        async def ask(number: int) -> int:
            return (await gateway.quick("item", id=str(number)))[0]

        statuses = await crowd(ask, callers=50)
    assert statuses.count(200) == REQUESTS
    assert route.count <= REQUESTS * 1.2


async def test_a_client_that_hangs_up_takes_its_tries_along(tmp_path: Path) -> None:
    route = Route({}, fault="silent")
    limits = "timeout: 30ms\nretry: {max: 9, codes: [timeout], backoff: 5ms..10ms}"
    async with http_server({"*": route}) as url, running(tmp_path, HEDGED % limits, {"BELOW_URL": url}) as gateway:
        asking = asyncio.create_task(gateway.ask("item", id="7"))
        while route.count < 2:
            await asyncio.sleep(0.005)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.01)
        made = route.count
        await asyncio.sleep(0.05)
        await asyncio.sleep(0.05)
        assert route.count == made


async def test_no_answer_of_a_hostile_backend_breaks_anything(tmp_path: Path) -> None:
    route = flaky(each_of(503))
    async with http_server({"*": route}) as url, running(tmp_path, SPECS % RETRY, {"BELOW_URL": url}) as gateway:
        for said in ("9" * 5000, "-1", "Fri, 99 Foo 0000 99:99:99 XYZ", "\x7f", "1e309", "NaN", ", ,"):
            route.headers = {"Retry-After": said, "X-Should-Retry": said}
            received: httpx2.Response = await gateway.ask("item", id="7")
            assert received.status_code == 502
