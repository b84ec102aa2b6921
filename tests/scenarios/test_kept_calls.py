"""Kept answers of operations in whole gateways: each caller is checked, nobody changes what others get, ladders decide over stale ones."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.sdk import Answer, Timeout, Unavailable
from gateway.testing.scenario import Scenario, scenario
from tests.runtime.kept import HandClock

ANN = {"id": "ann", "roles": ["customer"]}
BOB = {"id": "bob", "roles": ["customer"]}
UNUSED = {"GW271"}
"""Operations that only other tests call."""

AGENT = {"id": "eve", "roles": ["agent"]}

SOURCES = """
source: erp
type: fake
operations:
  order: {cache: {ttl: 1m, stale_if_error: 10m}, params: {type: object, properties: {id: {type: string}}}}
  bare: {}
  spare: {}
---
policy: roles
roles:
  customer: {allow: ["intent:*"]}
  agent: {allow: ["intent:*"]}
"""


@asynccontextmanager
async def serving(folder: Path, specs: str, fakes: dict[str, Any]) -> AsyncIterator[tuple[Scenario, HandClock]]:
    sources, _, policies = SOURCES.partition("---\npolicy")
    clock = HandClock()
    files = {"specs/sources.yaml": sources, "policies/roles.yaml": f"policy{policies}", "specs/intents.yaml": specs}
    async with scenario(folder, files, fakes, clock=clock) as made:
        assert set(made.codes) <= UNUSED
        yield made, clock


def failing_after(first: Any, failure: Exception) -> Any:
    """A backend that answers once."""
    answers = [first]
    return lambda **_: answers.pop() if answers else failure


OWN = """
intent: own
steps:
  order:
    call: erp.order
    ensure: [{check: "result.owner == user.id || contains(user.roles, 'agent')", deny: not_found}]
output: {total: "${ steps.order.total }"}
"""


async def test_a_kept_answer_is_checked_for_each_caller(tmp_path: Path) -> None:
    async with serving(tmp_path, OWN, {"erp.order": {"owner": "ann", "total": 7}}) as (made, _):
        given = [await made.ask("own", user=user) for user in (ANN, BOB, AGENT, ANN)]
        assert [(answer.status, answer.data) for answer in given] == [
            ("complete", {"total": 7}),
            ("denied", None),
            ("complete", {"total": 7}),
            ("complete", {"total": 7}),
        ]
        assert len(made.calls) == 1
        assert given[0].steps["order"].cached is False
        assert (given[3].steps["order"].cached, given[3].steps["order"].attempts) == (True, 0)


async def test_a_denial_of_what_is_kept_looks_like_one_of_what_was_asked_for(tmp_path: Path) -> None:
    async def denied(fresh: bool) -> Answer:
        async with serving(tmp_path / str(fresh), OWN, {"erp.order": {"owner": "ann", "total": 7}}) as (made, _):
            if not fresh:
                await made.ask("own", user=ANN)
            return await made.ask("own", user=BOB)

    (tmp_path / "True").mkdir()
    (tmp_path / "False").mkdir()
    asked, kept = await denied(True), await denied(False)
    for answer in (asked, kept):
        answer.steps["order"].ms = 0.0
    assert asked.steps == kept.steps
    assert type(asked.error) is type(kept.error)


SHAPED = """
intent: shaped
steps:
  order:
    call: erp.order
    output: {rows: "${ result.rows }", first: "${ result.rows[0] }"}
  joined: {join: {left: steps.order.rows, right: steps.order.rows, by: sku, merge: false, as: again}}
output: {all: "${ steps.order }", joined: "${ steps.joined }", names: "${ steps.order.rows[*].sku }"}
---
intent: whole
steps: {order: {call: erp.order}}
output: ${ steps.order }
"""


async def test_nothing_behind_the_cache_changes_what_is_kept(tmp_path: Path) -> None:
    rows = [{"sku": "A", "card": "4111111111111111", "nested": {"iban": "DE02120300000000202051"}}, {"sku": "B", "card": "x", "nested": {}}]
    masking = "policy: masking\nrules:\n  - {fields: ['*.card', '*.iban'], mask: last4}\n"
    sources, _, roles = SOURCES.partition("---\npolicy")
    files = {"specs/s.yaml": sources, "specs/i.yaml": SHAPED, "policies/r.yaml": f"policy{roles}", "policies/m.yaml": masking}
    backend = {"rows": rows}
    async with scenario(tmp_path, files, {"erp.order": backend}, clock=HandClock()) as made:
        before = copy.deepcopy(backend)
        first = await made.ask("shaped", user=ANN)
        whole = await made.ask("whole", user=ANN)
        again = await made.ask("shaped", user=BOB)
        assert (first.status, whole.status, again.status) == ("complete",) * 3
        assert first.data == again.data
        assert whole.data["rows"][0]["card"].endswith("1111")
        assert "4111111111111111" not in str((first.data, whole.data, again.data))
        assert backend == before  # the fake answers with this very object, and so it is what is kept
        assert len(made.calls) == 1


LADDER = """
intent: laddered
steps:
  order:
    call: erp.order
    fallback:
      - {stale: 5m}
      - {when: "error.code == 'timeout'", return: {from: "${ error.code }"}}
output: ${ steps.order }
---
intent: rung_first
steps:
  order:
    call: erp.order
    fallback:
      - {when: "error.code == 'timeout'", call: erp.spare}
      - {stale: 5m}
output: ${ steps.order }
---
intent: plain
steps: {order: {call: erp.order}}
output: ${ steps.order }
"""


async def test_a_stale_rung_gives_what_is_young_enough(tmp_path: Path) -> None:
    async with serving(tmp_path, LADDER, {"erp.order": failing_after({"from": "erp"}, Timeout()), "erp.spare": 1}) as (made, clock):
        await made.ask("plain", user=ANN)
        clock.seconds += 240
        stale = await made.ask("laddered", user=ANN)
        assert (stale.status, stale.level, stale.data) == ("complete", "reduced", {"from": "erp"})
        report = stale.steps["order"]
        assert (report.stale, report.cached, report.rung, report.attempts) == (True, True, 0, 1)
        clock.seconds += 120
        late = await made.ask("laddered", user=ANN)
        assert (late.status, late.data) == ("degraded", {"from": "timeout"})  # and the error is still the first one
        assert len(made.calls) == 3


async def test_rungs_before_a_stale_one_come_first(tmp_path: Path) -> None:
    fakes = {"erp.order": failing_after({"from": "erp"}, Timeout()), "erp.spare": {"from": "spare"}}
    async with serving(tmp_path, LADDER, fakes) as (made, clock):
        await made.ask("plain", user=ANN)
        clock.seconds += 120
        assert (await made.ask("rung_first", user=ANN)).data == {"from": "spare"}


async def test_without_a_rung_what_is_kept_stands_in_by_itself(tmp_path: Path) -> None:
    async with serving(tmp_path, LADDER, {"erp.order": failing_after({"from": "erp"}, Unavailable()), "erp.spare": 1}) as (made, clock):
        await made.ask("plain", user=ANN)
        clock.seconds += 600
        stale = await made.ask("plain", user=BOB)
        assert (stale.status, stale.level, stale.data) == ("complete", "reduced", {"from": "erp"})
        clock.seconds += 61
        assert (await made.ask("plain", user=BOB)).status == "failed"


BARE = """
intent: bare
steps:
  order: {call: erp.bare, fallback: [{stale: 5m}]}
output: ${ steps.order }
"""


async def test_a_stale_rung_over_what_keeps_nothing_sends_nothing(tmp_path: Path) -> None:
    sources, _, roles = SOURCES.partition("---\npolicy")
    files = {"specs/s.yaml": sources, "specs/i.yaml": BARE, "policies/r.yaml": f"policy{roles}"}
    async with scenario(tmp_path, files, {"erp.bare": Timeout()}, clock=HandClock()) as made:
        assert set(made.codes) - UNUSED == {"GW306"}
        answer = await made.ask("bare", user=ANN)
        assert (answer.status, answer.error and answer.error.code, len(made.calls)) == ("failed", "timeout", 1)
