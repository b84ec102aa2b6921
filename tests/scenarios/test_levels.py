"""What degradation levels make of requests, from the outside: a whole gateway whose level conditions or operators set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.policies.level_settings import LevelSetting
from gateway.sdk import Answer, Unavailable
from gateway.testing.scenario import Scenario, scenario
from tests.runtime.kept import HandClock

ANN = {"id": "ann", "roles": ["customer"]}
ENTRY = """
gateway: scenario
specs: [specs]
policies: [policies]
identity: [{scenario: {}}]
stores: {records: "sqlite:///records.db"}
"""
SPECS = """
source: erp
type: fake
circuit_breaker: {failure_threshold: 2, recovery_timeout: 30s}
operations:
  order: {cache: {ttl: 1m, stale_if_error: 1h}}
  parts: {}
  note: {effect: write}
---
source: shop
type: static
operations: {hours: {value: {open: 9}}}
---
intent: order
steps: {order: {call: erp.order}}
output: {order: "${ steps.order }"}
---
intent: aged
steps:
  order:
    call: erp.order
    fallback: [{stale: 10m}, {return: none}]
output: {order: "${ steps.order }"}
---
intent: picky
steps:
  order:
    call: erp.order
    fallback: [{when: "error.code == 'timeout'", stale: 10m}, {return: none}]
output: {order: "${ steps.order }"}
---
intent: bare
steps: {parts: {call: erp.parts}}
output: {parts: "${ steps.parts }"}
---
intent: both
steps:
  hours: {call: shop.hours}
  order: {call: erp.order}
  parts: {call: erp.parts, required: false}
output: {open: "${ steps.hours.open }", order: "${ steps.order }", parts: "${ steps.parts }"}
---
intent: fallen
steps: {parts: {call: erp.parts, fallback: [{call: erp.order, when: "error.code == 'unavailable'"}, {return: later}]}}
output: {parts: "${ steps.parts }"}
---
intent: hours
steps: {hours: {call: shop.hours}}
output: {open: "${ steps.hours.open }"}
---
intent: noted
steps: {note: {call: erp.note, required: false}}
output: {note: "${ steps.note }"}
---
intent: outer
steps: {inner: {call: intent.bare, required: false}, hours: {call: shop.hours}}
output: {inner: "${ steps.inner }", open: "${ steps.hours.open }"}
---
intent: kept
cache: {ttl: 1m, stale_while_revalidate: 1m, stale_if_error: 1h}
steps: {parts: {call: erp.parts}}
output: {parts: "${ steps.parts }"}
"""
ROLES = """
policy: roles
roles: {customer: {allow: ["intent:*"]}}
"""
CIRCUITS = """
policy: degradation
levels: {static: {when: "length(ctx.open_circuits) > `0`"}}
"""


class Erp:
    """Numbers its answers; fails or hangs while it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = self.hangs = False

    def fakes(self) -> dict[str, Any]:
        def of(name: str) -> Any:
            def answer(**_: Any) -> Any:
                self.asked.append(name)
                if self.hangs:
                    return asyncio.Event().wait()
                return Unavailable() if self.fails else f"{name} {len(self.asked)}"

            return answer

        return {f"erp.{name}": of(name) for name in ("order", "parts", "note")}


class Gateway:
    def __init__(self, made: Scenario, clock: HandClock, erp: Erp) -> None:
        self.made = made
        self.clock = clock
        self.erp = erp

    async def ask(self, intent: str, **more: Any) -> Answer:
        return await self.made.ask(intent, user=ANN, **more)

    async def told(self, intent: str) -> tuple[str, str, Any]:
        answer = await self.ask(intent)
        return answer.status, answer.level, answer.data if answer.error is None else answer.error.code

    def set(self, level: Any, **target: Any) -> None:
        keeper = self.made.plan.levels
        assert keeper is not None
        keeper.levels.take([LevelSetting(level=level, at=keeper.levels.now(), **target)])


@asynccontextmanager
async def serving(folder: Path, policy: str = "") -> AsyncIterator[Gateway]:
    clock, erp = HandClock(), Erp()
    files = {"gateway.yaml": ENTRY, "specs/all.yaml": SPECS, "policies/roles.yaml": ROLES}
    if policy:
        files["policies/degradation.yaml"] = policy
    async with scenario(folder, files, erp.fakes(), clock=clock) as made:
        assert "error" not in [problem.severity for problem in made.problems], made.problems
        yield Gateway(made, clock, erp)


async def test_at_full_nothing_is_different(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        assert await gateway.told("both") == ("complete", "full", {"open": 9, "order": "order 1", "parts": "parts 2"})


async def test_reduced_leaves_out_optional_reads_and_gives_what_is_kept_first(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        await gateway.ask("order")
        gateway.clock.seconds += 120
        gateway.set("reduced")
        answer = await gateway.ask("both")
        assert (answer.status, answer.level, answer.data) == ("partial", "reduced", {"open": 9, "order": "order 1", "parts": None})
        assert [(entry.step, entry.code, entry.detail_code) for entry in answer.errors] == [("parts", "unavailable", "degraded")]
        assert (answer.steps["order"].status, answer.steps["parts"].status, answer.steps["parts"].attempts) == ("stale", "failed", 0)
        assert gateway.erp.asked == ["order"]


async def test_reduced_asks_for_what_is_needed_and_not_kept_and_writes(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        gateway.set("reduced")
        assert await gateway.told("bare") == ("complete", "reduced", {"parts": "parts 1"})
        assert await gateway.told("noted") == ("complete", "reduced", {"note": "note 2"})


@pytest.mark.parametrize(("intent", "data"), [("aged", "order 1"), ("picky", "order 2")])
async def test_reduced_takes_a_stale_rung_at_once_where_it_is_for_an_unavailable_backend(tmp_path: Path, intent: str, data: str) -> None:
    async with serving(tmp_path) as gateway:
        await gateway.ask("order")
        gateway.clock.seconds += 120
        gateway.set("reduced")
        assert (await gateway.told(intent))[2] == {"order": data}


async def test_what_is_fresh_is_not_told_as_stale(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        await gateway.ask("order")
        gateway.set("static")
        answer = await gateway.ask("order")
        assert (answer.status, answer.level, answer.steps["order"].status) == ("complete", "static", "ok")


async def test_static_asks_no_backend(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        await gateway.ask("order")
        gateway.clock.seconds += 120
        gateway.set("static")
        assert await gateway.told("hours") == ("complete", "static", {"open": 9})
        assert await gateway.told("order") == ("complete", "static", {"order": "order 1"})
        assert await gateway.told("aged") == ("complete", "static", {"order": "order 1"})
        assert await gateway.told("picky") == ("degraded", "static", {"order": "none"})
        assert await gateway.told("fallen") == ("complete", "static", {"parts": "order 1"})
        assert await gateway.told("both") == ("partial", "static", {"open": 9, "order": "order 1", "parts": None})
        assert await gateway.told("bare") == ("failed", "static", "unavailable")
        assert gateway.erp.asked == ["order"]
        gateway.clock.seconds += 2 * 3600
        assert await gateway.told("order") == ("failed", "static", "unavailable")
        assert await gateway.told("aged") == ("degraded", "static", {"order": "none"})
        assert await gateway.told("fallen") == ("degraded", "static", {"parts": "later"})
        assert gateway.erp.asked == ["order"]


async def test_static_writes_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        gateway.set("static")
        answer = await gateway.ask("noted")
        assert (answer.data, [entry.code for entry in answer.errors], gateway.erp.asked) == ({"note": None}, ["unavailable"], [])


async def test_maintenance_answers_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        gateway.set("maintenance", until=gateway.clock.now().timestamp() + 90)
        for intent in ("hours", "order", "noted"):
            answer = await gateway.ask(intent)
            assert (answer.status, answer.level, answer.error and answer.error.code) == ("failed", "maintenance", "maintenance")
            assert answer.error is not None
            assert answer.error.retry_after == 90
            assert answer.reply is not None
            assert "working on our systems" in str(answer.reply.text)
        gateway.clock.seconds += 90
        assert (await gateway.told("hours"))[:2] == ("complete", "full")


async def test_who_may_not_is_told_so_under_maintenance_too(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        gateway.set("maintenance")
        answer = await gateway.made.ask("hours", user={"id": "eve", "roles": []})
        assert (answer.error and answer.error.code, answer.reply) == ("forbidden", None)


async def test_of_several_the_worst_holds_and_each_only_where_it_is_set(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        gateway.set("reduced")
        gateway.set("static", intent="bare")
        gateway.set("full", intent="hours")
        gateway.set("maintenance", tenant="elsewhere")
        gateway.set("maintenance", tenant="default", intent="both")
        levels = {intent: (await gateway.ask(intent)).level for intent in ("hours", "bare", "both", "noted")}
        assert levels == {"hours": "reduced", "bare": "static", "both": "maintenance", "noted": "reduced"}


@pytest.mark.parametrize(("level", "code"), [("static", "unavailable"), ("maintenance", "maintenance")])
async def test_a_level_of_an_intent_holds_where_others_call_it(tmp_path: Path, level: str, code: str) -> None:
    async with serving(tmp_path) as gateway:
        gateway.set(level, intent="bare")
        answer = await gateway.ask("outer")
        assert (answer.status, answer.level, answer.data) == ("partial", "reduced", {"inner": None, "open": 9})
        assert ([(entry.step, entry.code) for entry in answer.errors], gateway.erp.asked) == ([("inner", code)], [])


async def test_at_reduced_an_optional_sub_intent_sends_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        gateway.set("reduced")
        assert (await gateway.told("outer"))[2] == {"inner": None, "open": 9}
        assert gateway.erp.asked == []


async def test_kept_answers_of_intents_stand_in_and_are_not_refreshed(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        assert await gateway.told("kept") == ("complete", "full", {"parts": "parts 1"})
        gateway.set("static")
        assert await gateway.told("kept") == ("complete", "static", {"parts": "parts 1"})
        gateway.clock.seconds += 90
        assert await gateway.told("kept") == ("complete", "static", {"parts": "parts 1"})
        gateway.clock.seconds += 600
        assert await gateway.told("kept") == ("complete", "static", {"parts": "parts 1"})
        assert gateway.erp.asked == ["parts"]
        gateway.clock.seconds += 3600
        assert await gateway.told("kept") == ("failed", "static", "unavailable")


async def test_who_is_served_at_a_level_waits_for_no_run_at_another(tmp_path: Path) -> None:
    async with serving(tmp_path) as gateway:
        gateway.erp.hangs = True
        running = asyncio.ensure_future(gateway.ask("kept"))
        while not gateway.erp.asked:
            await asyncio.sleep(0)
        gateway.set("static")
        assert await gateway.told("kept") == ("failed", "static", "unavailable")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_level_that_keeps_calls_away_from_open_circuits_ends_by_itself(tmp_path: Path) -> None:
    async with serving(tmp_path, CIRCUITS) as gateway:
        gateway.erp.fails = True
        for _ in range(2):
            assert await gateway.told("bare") == ("failed", "reduced", "unavailable")
        assert await gateway.told("bare") == ("failed", "static", "unavailable")
        assert await gateway.told("hours") == ("complete", "static", {"open": 9})
        assert len(gateway.erp.asked) == 2
        gateway.clock.seconds += 30
        assert await gateway.told("bare") == ("failed", "reduced", "unavailable"), "it is tried, and not better"
        assert len(gateway.erp.asked) == 3
        assert (await gateway.told("hours"))[1] == "static"
        gateway.erp.fails = False
        gateway.clock.seconds += 29
        assert await gateway.told("bare") == ("failed", "static", "unavailable")
        gateway.clock.seconds += 1
        assert await gateway.told("bare") == ("complete", "full", {"parts": "parts 4"})
        assert await gateway.told("both") == ("complete", "full", {"open": 9, "order": "order 5", "parts": "parts 6"})


async def test_a_half_open_circuit_whose_call_was_given_up_keeps_nobody_away(tmp_path: Path) -> None:
    async with serving(tmp_path, CIRCUITS) as gateway:
        gateway.erp.fails = True
        for _ in range(2):
            await gateway.ask("bare")
        gateway.clock.seconds += 30
        gateway.erp.hangs = True
        probing = asyncio.ensure_future(gateway.ask("bare"))
        while len(gateway.erp.asked) < 3:
            await asyncio.sleep(0)
        assert (await gateway.ask("hours")).level == "full"
        probing.cancel()
        await asyncio.gather(probing, return_exceptions=True)
        gateway.erp.hangs = gateway.erp.fails = False
        assert await gateway.told("bare") == ("complete", "full", {"parts": "parts 4"})


async def test_conditions_read_who_asks_and_what_is_unknown_raises_no_level(tmp_path: Path) -> None:
    policy = """
policy: degradation
levels:
  reduced: {when: "user.department == tenant.plan"}
  static: {when: "contains(user.roles, 'customer') && ctx.channel == 'sms'"}
  maintenance: {when: "user.id > tenant.plan"}
"""
    async with serving(tmp_path, policy) as gateway:
        assert (await gateway.ask("hours")).level == "full"
        assert (await gateway.ask("hours", channel="sms")).level == "static"
        assert (await gateway.ask("hours")).level == "full"
