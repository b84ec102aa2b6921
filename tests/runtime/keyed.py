"""A process that keeps idempotency records in memory: the stage and the executor, without the rest of the pipeline."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.planner.idempotency import plan_once
from gateway.runtime.idempotency import IdempotencyConfig, build
from gateway.runtime.intents import Executor
from gateway.sdk import Answer, Exchange, SystemClock, Tenant
from gateway.sdk.idempotency import Entry, IdempotencyStore
from gateway.testing.idempotency import Drawer, MemoryIdempotency
from gateway.testing.scenario import Scenario, scenario
from gateway.testing.services import FakeServices

ANN: dict[str, Any] = {"id": "ann", "roles": ["customer"], "number": "C1"}
BOB: dict[str, Any] = {"id": "bob", "roles": ["customer"], "number": "C2"}
ROLES = 'policy: roles\nroles: {customer: {allow: ["intent:*"]}, anonymous: {allow: ["intent:*"]}}\n'
DESK = """
source: desk
type: fake
operations:
  look: {}
  open: {effect: write, params: {type: object, properties: {text: {type: string}}}}
  bill: {effect: write}
---
source: careful
type: fake
operations:
  open: {effect: write, idempotency: {}, params: {type: object, properties: {text: {type: string}}}}
"""
OPEN = """
intent: ask
input: {type: object, properties: {text: {type: string}}}
steps:
  ticket: {call: desk.open, with: {text: "${input.text}"}}
output: {id: "${steps.ticket.id}"}
"""
CAREFUL = OPEN.replace("desk.open", "careful.open")


class ShiftedClock(SystemClock):
    """Wall time that can be moved on."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.shift)


class Drawers:
    """A store of audit records with a place for others."""

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer

    def idempotency(self) -> IdempotencyStore:
        return MemoryIdempotency(self._drawer)


class Process:
    """Asks the intent `ask` of a planned folder. Several of them can share a drawer."""

    def __init__(self, made: Scenario, drawer: Drawer) -> None:
        self.made = made
        self.drawer = drawer
        self.clock = ShiftedClock()
        self.services = FakeServices(clock=self.clock)
        self.executor = Executor(self.clock)
        stage = build(IdempotencyConfig(intents=plan_once(made.planned), store=Drawers(drawer)), self.services)
        assert stage is not None
        self.stage = stage

    def exchange(self, given: dict[str, Any], key: str | None = "k", *, user: Mapping[str, Any] | None = ANN, **more: Any) -> Exchange:
        """A request behind `validate`."""
        exchange = self.made.exchange("ask", given, user=user)
        exchange.idempotency_key = key
        exchange.tenant = Tenant(more.pop("tenant", "acme"), {"id": "acme", "plan": None, "config": {}})
        exchange.caller, exchange.chosen = exchange.notes["scenario"], self.made.plan.catalogue.get("ask")
        assert exchange.chosen is not None
        exchange.deadline = exchange.started + more.pop("seconds", exchange.chosen.deadline)
        exchange.scope = {**exchange.policy_scope({}), "input": exchange.input, "session": {"id": None}, "flags": {}}
        return exchange

    async def ask(self, given: dict[str, Any] | None = None, key: str | None = "k", **more: Any) -> Answer:
        """The answer to a request."""
        return await self.stage(self.exchange(given or {"text": "hello"}, key, **more), self.executor)

    def count(self, result: str) -> float:
        """Requests with that result."""
        return self.services.metrics.total("gateway_idempotency_total", result=result)

    @property
    def entry(self) -> Entry:
        """The only record."""
        (entry,) = self.drawer.entries.values()
        return entry

    async def close(self) -> None:
        await self.services.close()


@contextlib.asynccontextmanager
async def process(folder: Path, specs: str, fakes: Mapping[str, Any], drawer: Drawer | None = None) -> AsyncIterator[Process]:
    """A folder of these specs behind the sources above, and a process that serves it."""
    files = {"specs/all.yaml": f"{DESK}---\n{specs}", "policies/roles.yaml": ROLES}
    async with scenario(folder, files, fakes) as made:
        running = Process(made, drawer or Drawer())
        try:
            yield running
        finally:
            await running.close()


def told(answer: Answer) -> tuple[Any, ...]:
    """What a caller sees of an answer, in short."""
    error = answer.error
    return (answer.status, answer.data) if error is None else (answer.status, error.code, error.detail_code)
