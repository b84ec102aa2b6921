"""One process that keeps answers of intents, in virtual time: the stage and the executor, without the rest of the pipeline."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from gateway.planner.recalls import plan_caches
from gateway.policies.kept_answers import KeptAnswers
from gateway.runtime.intents import Executor
from gateway.runtime.recall import RecallConfig, build
from gateway.sdk import Answer, Exchange, Tenant
from gateway.testing.scenario import Scenario, scenario
from gateway.testing.services import FakeServices
from tests.policies.kept_calls import SharedState
from tests.runtime.kept import ROLES, SOURCES
from tests.virtual_time import VirtualClock, in_virtual_time


class Node:
    """Asks `intent` of a planned folder. Several of them can share a state."""

    def __init__(self, made: Scenario, *, state: SharedState | None = None, most: int = 1 << 20, revision: bytes = b"1") -> None:
        self.made = made
        self.clock = VirtualClock()
        self.services = FakeServices(clock=self.clock)
        self.answers = self.services.answers = KeptAnswers(most, self.clock, self.services.metrics, state)
        self.executor = Executor(self.clock)
        recall = build(RecallConfig(caches=plan_caches(made.planned), revision=revision), self.services)
        assert recall is not None
        self.recall = recall

    def exchange(self, user: Mapping[str, Any], given: dict[str, Any] | None = None, *, tenant: str = "acme", **more: Any) -> Exchange:
        """A request behind `validate`."""
        exchange = self.made.exchange("ask", given, user=user)
        exchange.tenant = Tenant(tenant, {"id": tenant, "plan": None, "config": {}})
        exchange.caller, exchange.chosen = exchange.notes["scenario"], self.made.plan.catalogue.get("ask")
        assert exchange.chosen is not None
        for name, value in more.items():
            setattr(exchange, name, value)
        limit = exchange.deadline_limit
        exchange.deadline = exchange.started + (exchange.chosen.deadline if limit is None else min(limit, exchange.chosen.deadline))
        exchange.scope = {**exchange.policy_scope({}), "input": exchange.input, "session": {"id": exchange.session}, "flags": {}}
        return exchange

    async def ask(self, user: Mapping[str, Any], given: dict[str, Any] | None = None, **more: Any) -> Answer:
        """The answer to a request."""
        return await self.recall(self.exchange(user, given, **more), self.executor)

    def count(self, result: str) -> float:
        """Requests with that result."""
        return self.services.metrics.total("gateway_cache_requests_total", source="intent", operation="ask", result=result)

    async def close(self) -> None:
        """Ends what is under way."""
        await self.recall.close()
        await self.answers.close()


@contextlib.asynccontextmanager
async def planned(folder: Path, specs: str, fakes: Mapping[str, Any]) -> AsyncIterator[Scenario]:
    """A folder of these specs behind the kit's sources."""
    files = {"specs/all.yaml": f"{SOURCES}---\n{specs}", "policies/roles.yaml": ROLES}
    async with scenario(folder, files, fakes, clock=VirtualClock()) as made:
        yield made


def virtually(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """A test with a folder that runs in virtual time."""

    def run(tmp_path: Path) -> None:
        in_virtual_time(test(tmp_path))

    run.__name__ = test.__name__
    return run
