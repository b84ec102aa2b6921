"""Every fault of the proxy in turn, against steps with a ladder: in time, as the language says, and visible in metrics and log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from gateway.testing.fault_proxy import PLAIN, Behaviour, FaultProxy, Flow, fault_proxy
from tests.faults.backend import Backend, backends
from tests.faults.load import Answered, Tally, crowd
from tests.faults.report import Outcome
from tests.faults.serving import Served, served

KEPT = "kept"
"""What is asked for while all is well, so that there is an answer to fall back on."""

DEADLINE = 1.0
LATEST = DEADLINE * 1.1
SPECS = """
source: shop
type: http
servers: ["${ env.SHOP_URL }"]
timeout: 200ms
retry: {max: 1, codes: [connect, timeout, 503], backoff: 5ms..20ms}
circuit_breaker: {failure_threshold: 5, recovery_timeout: 100ms}
operations:
  item: {request: "GET /items/{id}"}
  kept: {request: "GET /kept/{id}", cache: {ttl: 50ms, stale_if_error: 10m, scope: public}}
---
source: spare
type: http
servers: ["${ env.SPARE_URL }"]
timeout: 200ms
operations:
  item: {request: "GET /items/{id}"}
""" + "".join(
    f"""
---
intent: {name}
deadline: 1s
input: {{type: object, required: [id], properties: {{id: {{type: string}}}}}}
steps:
  item:
    call: shop.{operation}
    with: {{id: "${{ input.id }}"}}
{rungs}
output: {{id: "${{ steps.item.id }}"}}
"""
    for name, operation, rungs in (
        ("bare", "item", ""),
        ("call", "item", '    fallback: [{call: spare.item, with: {id: "${ input.id }"}}]'),
        ("stale", "kept", "    fallback: [{stale: 10m}, {return: {id: none}}]"),
        ("return", "item", "    fallback: [{return: {id: none}}]"),
        ("optional", "item", "    required: false"),
    )
)

FULL = ("complete", "full")
DEGRADED = {
    "call": ("complete", "full"),
    "stale": ("complete", "reduced"),
    "return": ("degraded", "static"),
    "optional": ("partial", "reduced"),
}
"""Status and level of language §4 where the step's own call fails."""

STEPS = {"call": "fallback", "stale": "stale", "return": "fallback", "optional": "failed"}
"""The step's status in `meta.steps`, then."""

CODES = {"unavailable": 503, "circuit_open": 503, "bad_response": 502, "timeout": 504, "backend_error": 502}


class Fault(NamedTuple):
    """`breaks`: whether calls fail by it, as it is far beyond the timeout or ends connections."""

    begin: Callable[[FaultProxy], Awaitable[None]]
    breaks: bool = True


def behaving(breaks: bool = True, **behaviour: Any) -> Fault:
    """A fault that is a behaviour; connections made before are ended, as it may depend on their beginning."""

    async def begin(way: FaultProxy) -> None:
        way.behaviour = Behaviour(**behaviour)
        await way.reset_open()

    return Fault(begin, breaks)


async def vanish(way: FaultProxy) -> None:
    """Nothing is heard of it any more."""
    await way.blackhole()
    await way.reset_open()


FAULTS = {
    "some latency": behaving(breaks=False, to_client=Flow(latency=0.03, jitter=0.02)),
    "latency beyond the timeout": behaving(to_server=Flow(latency=0.15), to_client=Flow(latency=0.15)),
    "bandwidth of 100 B/s": behaving(to_client=Flow(bandwidth=100)),
    "slow close": behaving(breaks=False, slow_close=5.0),
    "timeout": behaving(silent=True),
    "reset of requests": behaving(to_server=Flow(cut_after=0, cut_by="reset")),
    "reset within the answer": behaving(to_client=Flow(cut_after=60, cut_by="reset")),
    "slices of 10 bytes": behaving(breaks=False, to_client=Flow(piece=10, pause=0.001)),
    "cut-off within the answer": behaving(to_client=Flow(cut_after=60)),
    "stalled within the answer": behaving(to_client=Flow(cut_after=60, cut_by="stall")),
    "refused": Fault(FaultProxy.down),
    "black hole": Fault(vanish),
}


async def run(*, full: bool) -> Outcome:
    """Each fault: the proxy is told, five intents are asked, what came back is looked at; then all is well again."""
    requests = 10 if full else 2
    outcome = Outcome(
        "ladder",
        f"{len(FAULTS)} faults between the gateway and a backend, one after the other. Under each, {requests} requests of each of five "
        "intents, at once: without a ladder, with a `call`, a `stale` and a `return` rung, and with a step that may be absent. Deadline "
        f"{DEADLINE:g} s, timeout 200 ms, one retry, a circuit that opens after 5 failures for 100 ms.",
    )
    expected: list[tuple[str, str]] = []
    async with (
        backends(Backend(), Backend()) as (shop, spare),
        fault_proxy(shop) as way,
        served(SPECS, apart=full, environ={"SHOP_URL": way.url, "SPARE_URL": spare}) as gateway,
    ):
        for name, fault in FAULTS.items():
            await _well(gateway, way, outcome, name)
            await fault.begin(way)
            expected += await _under(gateway, outcome, name, requests, breaks=fault.breaks)
        await _visible(gateway, outcome, expected)
    return outcome


async def _well(gateway: Served, way: FaultProxy, outcome: Outcome, name: str) -> None:
    """Everything passes again, the circuit is closed, and an answer is kept that is no longer fresh."""
    way.behaviour = PLAIN
    await way.reset_open()
    await way.up()
    loop = asyncio.get_running_loop()
    give_up = loop.time() + 10
    while (await gateway.caller.ask("bare", id="x")).status != 200 or (await _plain(gateway)) != "full":
        if loop.time() > give_up:
            outcome.exactly(f"before {name}: well again within 10 s", False, True)
            return
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.06)


async def _plain(gateway: Served) -> str:
    """The level of an answer that is kept."""
    answered = await gateway.caller.ask("stale", id=KEPT)
    return str(answered.json()["level"])


async def _under(gateway: Served, outcome: Outcome, name: str, requests: int, *, breaks: bool) -> list[tuple[str, str]]:
    """Asks all five, and adds what was seen. Gives intent and level of the answers that a rung gave."""
    tallies = dict(
        zip(("bare", *DEGRADED), await asyncio.gather(*(_asked(gateway, each, requests) for each in ("bare", *DEGRADED))), strict=True)
    )
    slowest = max(tally.milliseconds(1) for tally in tallies.values())
    codes = sorted({each.json().get("code", "200") for each in tallies["bare"].answers if each.status})
    outcome.seen.append(f"{name}: without a ladder {', '.join(codes)}; slowest of all {slowest:.0f} ms")
    wrong = [told for intent in DEGRADED for told in _wrong(intent, tallies[intent], breaks=breaks)]
    outcome.seen += [f"{name}: {each}" for each in wrong[:3]]
    outcome.exactly(f"{name}: wrong answers where a rung answers", len(wrong), 0)
    outcome.exactly(f"{name}: wrong answers without a ladder", len(_wrong_bare(tallies["bare"], breaks=breaks)), 0)
    outcome.at_most(f"{name}: slowest answer, deadline + 10 %", slowest, LATEST * 1000, " ms", alone=True)
    return [(intent, DEGRADED[intent][1]) for intent in DEGRADED for _ in range(requests)] if breaks else []


async def _asked(gateway: Served, intent: str, requests: int) -> Tally:
    async def ask(number: int) -> Answered:
        # Equal reads are fetched once: only what is kept is asked for by the same name.
        return await gateway.caller.ask(intent, id=KEPT if intent == "stale" else f"{intent}-{number}")

    return await crowd(ask, requests, at_once=requests)


def _wrong(intent: str, tally: Tally, *, breaks: bool) -> list[str]:
    """What is not as the language has it, of an intent whose rung answers."""
    expected = DEGRADED[intent] if breaks else FULL
    found = []
    for each in tally.answers:
        if each.status != 200:
            found.append(f"{intent} answered {each.status}")
            continue
        body = each.json()
        if (body["status"], body["level"]) != expected:
            found.append(f"{intent} answered {body['status']}/{body['level']} in place of {'/'.join(expected)}")
        step = body["meta"]["steps"]["item"]
        if step["status"] != (STEPS[intent] if breaks else "ok") or not {"attempts", "breaker"} <= step.keys():
            found.append(f"{intent} tells of its step {step}")
    return found


def _wrong_bare(tally: Tally, *, breaks: bool) -> list[Answered]:
    """An intent without a ladder: all 200, or else a problem whose code goes with its status."""
    if not breaks:
        return [each for each in tally.answers if each.status != 200]
    return [each for each in tally.answers if each.status == 200 or CODES.get(each.json()["code"]) != each.status]


async def _visible(gateway: Served, outcome: Outcome, expected: list[tuple[str, str]]) -> None:
    """What degraded is in metrics and in the log."""
    await asyncio.sleep(0.25)  # the log is written every tenth of a second
    requests = [record for record in gateway.records() if record.get("event") == "request"]
    for intent, (status, level) in DEGRADED.items():
        count = sum(each == (intent, level) for each in expected)
        if level == "full":
            logged = sum(record["intent"] == intent and record["steps"]["item"]["status"] == "fallback" for record in requests)
        else:
            logged = sum(record["intent"] == intent and record["degradation"] == level for record in requests)
        outcome.at_least(f"log records of `{intent}` that tell of its rung", logged, count)
        counted = await gateway.metric("gateway_requests_total", intent=intent, status=status)
        outcome.at_least(f"`{intent}` in gateway_requests_total as {status}", counted, count)
    for metric, labels in VISIBLE:
        outcome.at_least(f"{metric} counts", await gateway.metric(metric, **labels), 1)


VISIBLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("gateway_retries_total", {"source": "shop"}),
    ("gateway_circuit_transitions_total", {"source": "shop"}),
    ("gateway_cache_requests_total", {"result": "stale"}),
)
"""What tells of it, beside the requests themselves."""
