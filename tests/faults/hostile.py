"""Hosts that aren't there, and backends that answer what no backend should: a code of the vocabulary, and bounded memory."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from gateway.testing import Route, http_server, read_request, render, scripted_server
from gateway.testing.servers import Handler, gzip_bomb
from tests.faults.load import Answered, crowd
from tests.faults.report import Outcome
from tests.faults.serving import Served, memory_of, served

MEGABYTE = 1_000_000
MAX_RESPONSE = 1
"""MiB that an answer may have."""

MOST_GROWTH = 40
"""MiB that the gateway may grow by: eight answers of `MAX_RESPONSE` at once, whole, decoded and on their way; eight of 10 MB are 76."""

AT_ONCE = 8
EXPECTED = {
    "unknown": "unavailable",
    "garbage": "bad_response",
    "large": "bad_response",
    "endless": "bad_response",
    "bomb": "bad_response",
    "headers": "bad_response",
}
WHAT = {
    "unknown": "a host that no resolver knows",
    "garbage": "a server that doesn't speak HTTP",
    "large": "10 MB of JSON",
    "endless": "a chunked answer without an end",
    "bomb": "300 kB of gzip that unpack to 300 MB",
    "headers": "1 MB of headers",
}
STATUSES = {"unavailable": 503, "bad_response": 502}

SPECS = "\n---\n".join(
    f"""
source: {name}
type: http
servers: ["${{ env.{name.upper()}_URL }}"]
timeout: 2s
max_response: {MAX_RESPONSE}MiB
operations:
  item: {{request: "GET /items/{{id}}"}}
---
intent: {name}
input: {{type: object, required: [id], properties: {{id: {{type: string}}}}}}
steps: {{item: {{call: {name}.item, with: {{id: "${{ input.id }}"}}}}}}
output: "${{ steps.item }}"
"""
    for name in EXPECTED
)


async def run(*, full: bool) -> Outcome:
    """Each in turn, by several callers at once."""
    requests = 24 if full else 8
    outcome = Outcome(
        "hostile",
        f"{requests} reads by {AT_ONCE} callers of each: {', '.join(WHAT.values())}; an answer may have {MAX_RESPONSE} MiB.",
    )
    async with AsyncExitStack() as stack:
        environ = await _backends(stack)
        gateway = await stack.enter_async_context(served(SPECS, apart=full, environ=environ))
        for name in EXPECTED:
            await _ask(gateway, outcome, name, requests)
    return outcome


async def _backends(stack: AsyncExitStack) -> dict[str, str]:
    """Variables of the specs: where each of them is."""
    await asyncio.to_thread(gzip_bomb)  # packed once, before anybody waits for it
    routes = {
        "garbage": Route(fault="garbage"),
        "large": Route(body=b'["' + b"x" * (10 * MEGABYTE) + b'"]', headers={"content-type": "application/json"}),
        "bomb": Route(fault="bomb"),
        "headers": Route({}, headers={f"x-{number}": "x" * 1000 for number in range(1000)}),
    }
    urls = {"unknown": "http://no-such-host.invalid:8080"}
    for name, route in routes.items():
        urls[name] = await stack.enter_async_context(http_server({"*": route}))
    urls["endless"] = await stack.enter_async_context(scripted_server(_endless()))
    return {f"{name.upper()}_URL": url for name, url in urls.items()}


def _endless() -> Handler:
    """A connection whose answer goes on until the client leaves."""
    head = render(200, b"", {"content-type": "application/json", "transfer-encoding": "chunked"}).replace(b"content-length: 0\r\n", b"")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await read_request(reader) is None:
            return
        writer.write(head)
        while not writer.is_closing():
            writer.write(chunk)
            await writer.drain()

    return connection


async def _ask(gateway: Served, outcome: Outcome, name: str, requests: int) -> None:
    async def ask(number: int) -> Answered:
        return await gateway.caller.ask(name, id=str(number))

    async with memory_of(gateway) as memory:
        tally = await crowd(ask, requests, at_once=AT_ONCE)
    code = EXPECTED[name]
    right = sum(each.status == STATUSES[code] and each.json()["code"] == code for each in tally.answers)
    outcome.seen.append(f"{tally.told(WHAT[name])}; memory grew by {memory.grown:.1f} MiB")
    outcome.exactly(f"{WHAT[name]}: answers that say {code}", right, requests)
    outcome.at_most(f"{WHAT[name]}: memory grew by", memory.grown, MOST_GROWTH, " MiB", alone=True)
    outcome.at_most(f"{WHAT[name]}: slowest answer", tally.milliseconds(1), 2200, " ms", alone=True)
