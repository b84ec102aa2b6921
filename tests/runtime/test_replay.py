"""A kept answer is given to nobody to whom a run of its own would deny it, and a denial of it looks as any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.runtime.evidence import Evidence, Look
from gateway.runtime.replay import barriers_of, known
from gateway.sdk import Exchange
from gateway.testing.scenario import Scenario
from tests.runtime.kept import ANN, keeping, outcome

AGENT = {**ANN, "roles": ["customer", "agent"]}
ORDER: dict[str, Any] = {"id": "7", "owner": "ann", "lines": [{"sku": "a"}, {"sku": "b"}], "until": "2027-01-15T08:20:00Z"}

GUARD = """
intent: ask
cache: {{ttl: 5m}}
guard: [{{check: "contains(user.roles, 'agent')", deny: {deny}}}]
steps: {{order: {{call: erp.order, with: {{id: "7"}}}}}}
output: ${{ steps.order }}
"""
ENSURE = """
intent: ask
cache: {{ttl: 5m}}
steps:
  order: {{call: erp.order, with: {{id: "7"}}, ensure: [{{check: "result.owner == 'ann' && contains(user.roles, 'agent')", deny: {deny}}}]}}
output: ${{ steps.order.id }}
"""
SHAPED = """
intent: ask
cache: {{ttl: 5m}}
steps:
  order:
    call: erp.order
    with: {{id: "7"}}
    output: {{id: "${{ result.id }}"}}
    ensure: [{{check: "result.owner == 'ann' && contains(user.roles, 'agent')", deny: {deny}}}]
output: ${{ steps.order.id }}
"""
LET = """
intent: ask
cache: {{ttl: 5m}}
steps:
  order: {{call: erp.order, with: {{id: "7"}}}}
  part:
    let: {{owner: "${{ steps.order.owner }}"}}
    ensure: [{{check: "result.owner == 'ann' && contains(user.roles, 'agent')", deny: {deny}}}]
output: ${{ steps.part }}
"""
ITEMS = """
intent: ask
cache: {{ttl: 5m}}
steps:
  order: {{call: erp.order, with: {{id: "7"}}}}
  lines:
    foreach: steps.order.lines
    as: line
    call: erp.order
    with: {{id: "${{ line.sku }}"}}
    ensure: [{{check: "(line.sku == 'a' || line.sku == 'b') && contains(user.roles, 'agent')", deny: {deny}}}]
output: ${{ steps.lines }}
"""
WHERE = "---\nintent: part\ninput: {{type: object, properties: {{id: {{type: string}}}}}}\n"
INNER_GUARD = (
    WHERE
    + """
guard: [{{check: "input.id == '7' && contains(user.roles, 'agent')", deny: {deny}}}]
steps: {{order: {{call: erp.order, with: {{id: "${{ input.id }}"}}}}}}
output: ${{ steps.order }}
"""
)
INNER_ENSURE = (
    WHERE
    + """
steps:
  other: {{call: erp.order, with: {{id: "8"}}}}
  order:
    call: erp.order
    with: {{id: "${{ input.id }}"}}
    ensure: [{{check: "steps.other.id == '7' && status.other == 'ok' && contains(user.roles, 'agent')", deny: {deny}}}]
output: ${{ steps.order }}
"""
)
OUTER = """
intent: ask
cache: {{ttl: 5m}}
steps: {{part: {{call: intent.{called}, with: {{id: "7"}}}}}}
output: ${{ steps.part }}
"""
MIDDLE = (
    WHERE.replace("part", "middle")
    + 'steps: {{inner: {{call: intent.part, with: {{id: "${{ input.id }}"}}}}}}\noutput: ${{ steps.inner }}\n'
)
EACH_PART = """
intent: ask
cache: {{ttl: 5m}}
steps:
  parts: {{foreach: "['7', '9']", as: id, call: intent.part, with: {{id: "${{ id }}"}}}}
output: ${{ steps.parts }}
"""
CASES = {
    "guard": GUARD,
    "ensure": ENSURE,
    "ensure before output": SHAPED,
    "let": LET,
    "items": ITEMS,
    "guard of a sub-intent": OUTER.replace("{called}", "part") + INNER_GUARD,
    "ensure of a sub-intent": OUTER.replace("{called}", "part") + INNER_ENSURE,
    "guard two below": OUTER.replace("{called}", "middle") + MIDDLE + INNER_GUARD,
    "ensure two below": OUTER.replace("{called}", "middle") + MIDDLE + INNER_ENSURE,
    "ensure of sub-intents of items": EACH_PART + INNER_ENSURE,
}


async def denied(made: Scenario, user: dict[str, Any]) -> tuple[Any, Exchange]:
    exchange = made.exchange("ask", user=user)
    return outcome(await made.plan.handler(exchange)), exchange


@pytest.mark.parametrize("deny", ["forbidden", "not_found", "unauthorized"])
@pytest.mark.parametrize("name", CASES)
async def test_a_check_that_begins_to_deny(tmp_path: Path, name: str, deny: str) -> None:
    async with keeping(tmp_path, CASES[name].format(deny=deny), {"erp.order": ORDER}) as (made, _):
        fresh, told = await denied(made, ANN)
        assert fresh[0] == "denied"
        assert (await made.ask("ask", user=AGENT)).status == "complete"
        called = len(made.calls)
        assert (await made.ask("ask", user=AGENT)).status == "complete"
        assert len(made.calls) == called  # it is kept
        again, noted = await denied(made, ANN)
        assert len(made.calls) == called
        assert again == fresh
        assert noted.notes["denied_by"] == told.notes["denied_by"]
        assert noted.notes["decision"] == told.notes["decision"]
        assert (await made.ask("ask", user=AGENT)).status == "complete"


async def test_a_check_that_time_makes_false(tmp_path: Path) -> None:
    specs = ENSURE.replace("contains(user.roles, 'agent')", "result.until > now()").format(deny="forbidden")
    async with keeping(tmp_path, specs, {"erp.order": ORDER}) as (made, clock):
        assert (await made.ask("ask", user=ANN)).status == "complete"
        clock.seconds += 250
        assert (await made.ask("ask", user=ANN)).status == "denied"
        assert len(made.calls) == 1


INTERNAL = """
intent: ask
cache: {ttl: 5m}
steps: {part: {call: intent.part}}
output: ${ steps.part }
---
intent: part
access: {when: "contains(user.scopes, 'parts')"}
steps: {o: {call: erp.orders}}
output: ${ steps.o }
"""


async def test_access_to_a_sub_intent_that_ends(tmp_path: Path) -> None:
    may, must_not = {**ANN, "scopes": ["parts"]}, {**ANN, "scopes": []}
    async with keeping(tmp_path, INTERNAL, {"erp.orders": 1}) as (made, _):
        fresh, told = await denied(made, must_not)
        for _ in range(2):
            assert (await made.ask("ask", user=may)).status == "complete"
        assert len(made.calls) == 1
        again, noted = await denied(made, must_not)
        assert (again, noted.notes["decision"]) == (fresh, told.notes["decision"])
        assert fresh[0] == "denied"


async def test_access_to_the_intent_that_ends(tmp_path: Path) -> None:
    specs = "intent: ask\naccess: {when: \"user.id != 'eve'\"}\ncache: {ttl: 5m}\nsteps: {o: {call: erp.orders}}\noutput: ${ steps.o }\n"
    async with keeping(tmp_path, specs, {"erp.orders": 1}) as (made, _):
        assert (await made.ask("ask", user=ANN)).status == "complete"
        assert (await made.ask("ask", user={**ANN, "id": "eve"})).status == "denied"
        assert len(made.calls) == 1


async def test_a_stale_answer_is_checked_too(tmp_path: Path) -> None:
    specs = ENSURE.replace("ttl: 5m", "ttl: 5m, stale_while_revalidate: 5m").format(deny="forbidden")
    async with keeping(tmp_path, specs, {"erp.order": ORDER}) as (made, clock):
        assert (await made.ask("ask", user=AGENT)).status == "complete"
        clock.seconds += 301
        answer = await made.ask("ask", user=ANN)
        assert (answer.status, answer.data, len(made.calls)) == ("denied", None, 1)


async def test_evidence_from_elsewhere_must_be_about_this_intent(tmp_path: Path) -> None:
    specs = OUTER.format(called="part") + INNER_ENSURE.format(deny="forbidden")
    async with keeping(tmp_path, specs, {}) as (made, _):
        plan = made.plan.catalogue.get("ask")
        assert plan is not None
        barriers = barriers_of(plan)
        inner = Evidence("part", "part", looks=[Look("order", {"result": 1})])
        assert known(barriers, Evidence("ask", inner=[inner]))
        assert not known(barriers, Evidence("other"))
        assert not known(barriers, Evidence("ask", inner=[Evidence("elsewhere", "part")]))
        assert not known(barriers, Evidence("ask", inner=[Evidence("part", "no_step")]))
        assert not known(barriers, Evidence("ask", looks=[Look("part", {"result": 1})]))  # it has no ensure
        assert not known(barriers, Evidence("ask", inner=[Evidence("part", "part", looks=[Look("gone", {})])]))
