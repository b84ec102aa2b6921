"""The stage: for whom it is in the chain, and what it is built with."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gateway.planner.idempotency import plan_once
from gateway.runtime.idempotency import IdempotencyConfig, NoPlace, build, component
from gateway.testing import FakeServices
from tests.runtime.keyed import OPEN, process, told


@pytest.mark.parametrize(
    "config", [IdempotencyConfig(), IdempotencyConfig(intents={}, store=object()), IdempotencyConfig(intents={"a": 1})]
)
def test_where_nothing_writes_it_is_not_in_the_chain(config: IdempotencyConfig) -> None:
    assert build(config, FakeServices()) is None
    assert component.phase == "recall"


async def test_a_store_without_a_place_for_records_refuses_keyed_writes(tmp_path: Path) -> None:
    async with process(tmp_path, OPEN, {"desk.open": {"id": 1}}) as running:
        stage = build(IdempotencyConfig(intents=plan_once(running.made.planned), store=object()), running.services)
        assert stage is not None
        answer = await stage(running.exchange({}), running.executor)
        assert told(answer) == ("failed", "unavailable", "idempotency_unavailable")
        assert told(await stage(running.exchange({}, None), running.executor)) == ("complete", {"id": 1})
    assert not NoPlace().is_there()


async def test_an_intent_that_only_reads_passes(tmp_path: Path) -> None:
    reads = OPEN.replace('call: desk.open, with: {text: "${input.text}"}', "call: desk.look").replace("intent: ask", "intent: look")
    async with process(tmp_path, f"{OPEN}---\n{reads}", {"desk.open": {"id": 1}, "desk.look": {"id": 2}}) as running:
        exchange = running.exchange({})
        exchange.chosen = running.made.plan.catalogue.get("look")
        assert told(await running.stage(exchange, running.executor)) == ("complete", {"id": 2})
        assert running.drawer.commits == 0


async def test_it_starts_and_ends_with_its_plan(tmp_path: Path) -> None:
    async with process(tmp_path, OPEN, {"desk.open": {"id": 1}}) as running:
        assert (len(running.services.starters), len(running.services.closers)) == (1, 1)
        for start in running.services.starters:
            await start()
        assert "idempotency-journal" in [thread.name for thread in threading.enumerate()]
    assert "idempotency-journal" not in [thread.name for thread in threading.enumerate()]
