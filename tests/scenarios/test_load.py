"""Many callers at once, and many who hang up: nothing is lost, nothing is left."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from gateway.runtime.plan import ServerSettings
from gateway.server import presence
from gateway.server.application import Application
from gateway.server.listen import serve
from gateway.server.sockets import Listeners, address, listen
from gateway.testing.servers import MIB, Received, Route, read_request, render, scripted_server
from tests.scenarios.conftest import Start
from tests.scenarios.running import Gateway, running

PLACES = 100
"""Connections to one host."""

SPECS = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  order: {request: "GET /orders/{id}"}
  price: {request: "GET /prices/{sku}", batch: {operation: prices, param: skus, match: {sku: sku}, wait: 20ms}}
  prices: {request: "GET /prices", params: {type: object, properties: {skus: {type: array}}}}
---
source: delivery
type: http
servers: ["${ env.DELIVERY_URL }"]
operations:
  track: {request: "GET /shipments/{id}"}
---
intent: order
input: {type: object, required: [id], properties: {id: {type: string}}}
steps:
  order: {call: erp.order, with: {id: "${ input.id }"}}
  delivery: {call: delivery.track, with: {id: "${ input.id }"}}
output: {order: "${ steps.order.id }", delivery: "${ steps.delivery.id }"}
---
intent: order_alone
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {order: {call: erp.order, with: {id: "${ input.id }"}}}
output: "${ steps.order }"
---
intent: price
input: {type: object, required: [sku], properties: {sku: {type: string}}}
steps: {price: {call: erp.price, with: {sku: "${ input.sku }"}}}
output: "${ steps.price }"
"""


class Backend:
    """Answers who asked for what; holds everybody back while `hold` is set, and counts who is there."""

    def __init__(self) -> None:
        self.hold = asyncio.Event()
        self.present = 0
        self.most = 0
        self.asked = 0
        self.hold.set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            self.asked += 1
            self.present += 1
            self.most = max(self.most, self.present)
            try:
                await self._released(reader)
                writer.write(self._answer(request))
                await writer.drain()
            finally:
                self.present -= 1

    async def _released(self, reader: asyncio.StreamReader) -> None:
        """Waits until nothing is held back, or the client is gone."""
        while not self.hold.is_set():
            if reader.at_eof():
                raise ConnectionResetError
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.hold.wait(), 0.005)

    def _answer(self, request: Received) -> bytes:
        body = msgspec.json.encode({"id": request.path.rpartition("/")[2]})
        return render(200, body, {"content-type": "application/json"})


async def until_quiet(backend: Backend) -> None:
    async with asyncio.timeout(2):
        while backend.present:
            await asyncio.sleep(0.002)


async def all_places_taken(backend: Backend) -> None:
    async with asyncio.timeout(5):
        while backend.present < PLACES:
            await asyncio.sleep(0.002)


async def every_place_is_usable(gateway: Gateway, backend: Backend) -> None:
    """As many calls as there are places reach the backend at once, and all are answered."""
    backend.hold.clear()
    backend.most = 0
    asking = [asyncio.create_task(gateway.quick("order_alone", id=f"x{number}")) for number in range(PLACES + 20)]
    await all_places_taken(backend)
    backend.hold.set()
    answers = await asyncio.gather(*asking)
    assert [body["data"]["id"] for _, body in answers] == [f"x{number}" for number in range(PLACES + 20)]
    assert backend.most == PLACES


async def test_2000_requests_cancelled_in_flight_cost_no_place_in_the_pool(tmp_path: Path) -> None:
    backend = Backend()
    async with scripted_server(backend) as url, running(tmp_path, SPECS, {"ERP_URL": url, "DELIVERY_URL": url}) as gateway:
        for wave in range(4):
            backend.hold.clear()
            asking = [asyncio.create_task(gateway.quick("order_alone", id=f"{wave}-{number}")) for number in range(500)]
            # Cancelled at every stage: before it began, while it connects, sends, waits for a place, or for its answer.
            for turn, task in enumerate(asking[:100]):
                if turn % 10 == 0:
                    await asyncio.sleep(0)
                task.cancel()
            await all_places_taken(backend)
            for task in asking:
                task.cancel()
            outcomes = await asyncio.gather(*asking, return_exceptions=True)
            assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
            await until_quiet(backend)
        await every_place_is_usable(gateway, backend)


async def queued(gateway: Gateway) -> bool:
    """Whether requests still wait to begin."""
    return not any(line == "gateway_queue_depth 0.0" for line in (await gateway.metrics()).splitlines())


async def test_callers_who_hang_up_cost_no_place_in_the_pool(tmp_path: Path) -> None:
    backend = Backend()
    async with (
        scripted_server(backend) as url,
        running(tmp_path, SPECS, {"ERP_URL": url, "DELIVERY_URL": url}) as gateway,
        served(gateway.application) as listeners,
    ):
        backend.hold.clear()
        callers = [await asyncio.open_connection(*listeners.public.getsockname()[:2]) for _ in range(200)]
        for number, (_, writer) in enumerate(callers):
            writer.write(chat(listeners, "order_alone", {"id": str(number)}))
        await all_places_taken(backend)
        while await queued(gateway):
            await asyncio.sleep(0.01)
        for _, writer in callers:
            writer.transport.abort()
        await until_quiet(backend)
        await every_place_is_usable(gateway, backend)
        abandoned = [line for line in (await gateway.metrics()).splitlines() if line.startswith("gateway_requests_abandoned_total{")]
        assert abandoned == ['gateway_requests_abandoned_total{intent="order_alone"} 200.0']


async def test_a_thousand_at_once_are_all_answered_in_bounded_memory(tmp_path: Path) -> None:
    erp, delivery = Backend(), Backend()
    async with (
        scripted_server(erp) as erp_url,
        scripted_server(delivery) as delivery_url,
        running(tmp_path, SPECS, {"ERP_URL": erp_url, "DELIVERY_URL": delivery_url}) as gateway,
    ):

        async def wave(count: int) -> Counter[int]:
            for backend in (erp, delivery):
                backend.hold.clear()
            asking = [asyncio.create_task(gateway.quick("order", id=str(number))) for number in range(count)]
            await all_places_taken(erp)
            await all_places_taken(delivery)
            for backend in (erp, delivery):
                backend.hold.set()
            answers = await asyncio.gather(*asking)
            assert [body["data"] for _, body in answers] == [{"order": str(number), "delivery": str(number)} for number in range(count)]
            return Counter(status for status, _ in answers)

        assert await wave(PLACES) == {200: PLACES}
        gc.collect()
        tasks, blocks, peak = len(asyncio.all_tasks()), sys.getallocatedblocks(), peak_memory()
        assert await wave(1000) == {200: 1000}
        assert peak_memory() - peak < 100 * MIB
        await asyncio.sleep(presence.GRACE)  # timers that were cancelled go with their time
        gc.collect()
        assert sys.getallocatedblocks() - blocks < 5_000
        assert len(asyncio.all_tasks()) == tasks
        assert (erp.most, delivery.most) == (PLACES, PLACES)
        await every_place_is_usable(gateway, erp)


async def test_a_batch_that_nobody_waits_for_is_not_sent(start: Start) -> None:
    prices = Route([])
    gateway = await start(SPECS, erp={"/prices": prices}, delivery={})
    asking = [asyncio.create_task(gateway.quick("price", sku=f"s{number}")) for number in range(5)]
    await asyncio.sleep(0.01)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await asyncio.sleep(0.03)
    assert prices.count == 0
    assert (await gateway.quick("price", sku="s1"))[0] == 200
    assert prices.count == 1


@contextlib.asynccontextmanager
async def served(application: Application) -> Any:
    listeners = listen(ServerSettings(port=0, admin_port=0), warn=print)
    started, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(application, listeners, stop=stop, on_started=started.set))
    await started.wait()
    try:
        yield listeners
    finally:
        stop.set()
        await serving


def chat(listeners: Listeners, intent: str, given: dict[str, str]) -> bytes:
    body = msgspec.json.encode({"intent": intent, "input": given})
    head = f"POST /v1/chat HTTP/1.1\r\nHost: {address(listeners.public)}\r\nX-API-Key: key-alice\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def peak_memory() -> int:
    """Bytes; macOS counts them, Linux counts KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
