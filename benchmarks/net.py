"""What one outbound call costs: the transport's two engines and httpx2's own client, side by side in one run.

    python -m benchmarks.net [--calls 20000] [--concurrent 32]

CPU time of this process only; the backend is a process of its own that answers from memory. Figures of one machine and one run
may be compared with each other, not with those of another.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import click
import httpx2
import uvloop

from gateway.net import client
from gateway.sdk import Engine, HttpRequest, HttpSettings

BODY = b'{"order_id":"1007","state":"in_transit","eta":"2026-11-22","events":[{"place":"Hamburg","code":"in_transit"}]}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nserver: bench\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
TARGET = "/orders/1007?expand=events"
HEADERS = (("accept", "application/json"), ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
SLOW_SHARE = 10
"""The slower two are measured over this fraction of the calls."""

OneCall = Callable[[], Awaitable[object]]


class Backend(asyncio.Protocol):
    """Answers each request the same way."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


def serve(pipe: Connection) -> None:
    """The backend's process: sends its port, then serves until it is ended."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Backend, "127.0.0.1", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


async def cost(call: OneCall, calls: int, concurrent: int) -> float:
    """CPU microseconds per call, after a warm-up of a tenth."""

    async def caller(count: int) -> None:
        for _ in range(count):
            await call()

    async def crowd(total: int) -> None:
        await asyncio.gather(*(caller(total // concurrent) for _ in range(concurrent)))

    await crowd(calls // 10)
    started = time.process_time()
    await crowd(calls)
    return (time.process_time() - started) / (calls // concurrent * concurrent) * 1e6


async def cost_of_engine(engine: Engine, url: str, calls: int, concurrent: int) -> float:
    made = client(HttpSettings((url,), engine=engine))

    async def call() -> None:
        answer = await made.send(HttpRequest("GET", TARGET, time.monotonic() + 10, HEADERS, idempotent=True))
        if answer.body != BODY:
            raise RuntimeError("a wrong answer")

    try:
        return await cost(call, calls, concurrent)
    finally:
        await made.close()


async def cost_of_httpx2(url: str, calls: int, concurrent: int) -> float:
    async with httpx2.AsyncClient(headers=dict(HEADERS), trust_env=False) as made:

        async def call() -> None:
            answer = await made.get(url + TARGET)
            if answer.content != BODY:
                raise RuntimeError("a wrong answer")

        return await cost(call, calls, concurrent)


@click.command()
@click.option("--calls", default=20_000, show_default=True, help="Calls that are measured.")
@click.option("--concurrent", default=32, show_default=True, help="Callers at once.")
def main(calls: int, concurrent: int) -> None:
    """Prints CPU microseconds per call, and each as a multiple of the first."""
    spawn = multiprocessing.get_context("spawn")
    receiving, sending = spawn.Pipe(duplex=False)
    backend = spawn.Process(target=serve, args=(sending,), daemon=True)
    backend.start()
    try:
        url = f"http://127.0.0.1:{receiving.recv()}"
        fast = uvloop.run(cost_of_engine("fast", url, calls, concurrent))
        fast_on_asyncio = asyncio.run(cost_of_engine("fast", url, calls, concurrent))
        through_httpx = uvloop.run(cost_of_engine("httpx", url, calls // SLOW_SHARE, concurrent))
        httpx2_itself = uvloop.run(cost_of_httpx2(url, calls // SLOW_SHARE, concurrent))
    finally:
        backend.terminate()
        backend.join()
    rows = {
        "engine fast, uvloop": fast,
        "engine fast, asyncio": fast_on_asyncio,
        "engine httpx, uvloop": through_httpx,
        "httpx2.AsyncClient, uvloop": httpx2_itself,
    }
    for name, microseconds in rows.items():
        click.echo(f"{name:<28}{microseconds:>9.1f} µs{microseconds / fast:>8.1f} x")


if __name__ == "__main__":
    main()
