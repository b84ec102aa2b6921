"""Caches behind batches and single flight: what is stale there is stale for all who get it, and never made fresh on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.sdk import Answer, Unavailable
from gateway.sdk.kept import Purge, label_of
from gateway.testing.scenario import Scenario, scenario
from tests.runtime.kept import HandClock

SPECS = """
source: shop
type: fake
operations:
  one:
    {cache}
    batch: {{operation: many, param: skus, match: {{sku: sku}}}}
    params: {{type: object, required: [sku], properties: {{sku: {{type: string}}}}}}
  many:
    cache: {{ttl: 10s, stale_if_error: 10m}}
    params: {{type: object, properties: {{skus: {{type: array, items: {{type: string}}}}}}}}
---
intent: stock
input: {{type: object, properties: {{sku: {{type: string}}}}}}
steps: {{row: {{call: shop.one, with: {{sku: "${{ input.sku }}"}}}}}}
output: {{left: "${{ steps.row.left }}"}}
"""
ROLES = 'policy: roles\nroles: {customer: {allow: ["intent:*"]}}\n'


class Shop:
    """Tells of every article how often it was asked, until it fails."""

    def __init__(self) -> None:
        self.asked = 0
        self.down = False

    def __call__(self, skus: list[str]) -> Any:
        self.asked += 1
        return Unavailable() if self.down else [{"sku": sku, "left": self.asked} for sku in skus]


@asynccontextmanager
async def serving(folder: Path, cache: str = "") -> AsyncIterator[tuple[Scenario, Shop, HandClock]]:
    shop, clock = Shop(), HandClock()
    files = {"specs/all.yaml": SPECS.format(cache=cache), "policies/roles.yaml": ROLES}
    async with scenario(folder, files, {"shop.many": shop}, clock=clock) as made:
        assert not made.codes
        yield made, shop, clock


async def ask(made: Scenario, sku: str) -> Answer:
    return await made.ask("stock", {"sku": sku}, user={"id": "ann", "roles": ["customer"]})


async def purge(made: Scenario, operation: str) -> None:
    assert made.plan.answers is not None
    assert await made.plan.answers.purge(Purge((label_of("operation", operation),))) == 1


async def test_what_a_batch_gives_stale_is_not_kept_as_fresh(tmp_path: Path) -> None:
    async with serving(tmp_path, "cache: {ttl: 30s, stale_if_error: 1m}") as (made, shop, clock):
        assert (await ask(made, "A")).level == "full"
        clock.seconds += 31
        shop.down = True
        for _ in range(3):
            answer = await ask(made, "A")
            assert (answer.data, answer.level, answer.steps["row"].status) == ({"left": 1}, "reduced", "stale")
        shop.down = False
        again = await ask(made, "A")
        assert (again.data, again.level) == ({"left": 5}, "full")


async def test_a_failed_refresh_keeps_what_was_kept_and_rests(tmp_path: Path) -> None:
    async with serving(tmp_path, "cache: {ttl: 30s, stale_while_revalidate: 5m}") as (made, shop, clock):
        await ask(made, "A")
        clock.seconds += 31
        shop.down = True
        for _ in range(3):
            answer = await ask(made, "A")
            assert (answer.data, answer.level) == ({"left": 1}, "reduced")
            for _ in range(20):
                await asyncio.sleep(0)
        assert shop.asked == 2


async def test_two_caches_behind_each_other_don_t_add_up(tmp_path: Path) -> None:
    async with serving(tmp_path, "cache: {ttl: 10s}") as (made, shop, clock):
        await ask(made, "A")
        clock.seconds += 8
        await purge(made, "shop.one")
        clock.seconds += 1
        assert (await ask(made, "A")).data == {"left": 1}
        clock.seconds += 2
        assert (await ask(made, "A")).data == {"left": 2}
        assert shop.asked == 2


async def test_all_who_share_a_call_are_told_that_its_answer_is_stale(tmp_path: Path) -> None:
    async with serving(tmp_path) as (made, shop, clock):
        await asyncio.gather(ask(made, "A"), ask(made, "B"))
        clock.seconds += 11
        shop.down = True
        answers = await asyncio.gather(ask(made, "A"), ask(made, "B"), ask(made, "A"))
        assert [(answer.level, answer.steps["row"].status) for answer in answers] == [("reduced", "stale")] * 3
        assert sum(answer.steps["row"].attempts for answer in answers) == 1


async def test_who_is_asked_in_the_place_of_many_has_no_more_time_than_is_written_for_it(tmp_path: Path) -> None:
    left: list[float] = []
    clock = HandClock()
    specs = SPECS.format(cache="timeout: 4s\n    retry: {max: 1}").replace("  many:\n", "  many:\n    timeout: 1s\n")

    async with scenario(tmp_path, {"specs/all.yaml": specs, "policies/roles.yaml": ROLES}, {"shop.many": []}, clock=clock) as made:
        await ask(made, "A")
        left += [call.deadline - clock.monotonic() for call in made.calls]
    assert left == [1.0]
