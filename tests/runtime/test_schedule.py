from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.sdk import Unavailable
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import codes, intent

DIAMOND = """
steps:
  a: {call: erp.order, with: {id: a}}
  b: {call: erp.order, with: {id: "b${ steps.a.id }"}}
  c: {call: erp.order, with: {id: "c${ steps.a.id }"}}
  d: {call: erp.order, with: {id: "${ steps.b.id }${ steps.c.id }"}}
  e: {call: erp.order, with: {id: e}}
output: {d: "${ steps.d.id }", e: "${ steps.e.id }"}
"""


class Rendezvous:
    """Records when calls start and end; `wait` names calls that only end once another has started."""

    def __init__(self, wait: dict[str, str] | None = None) -> None:
        self.events: list[str] = []
        self._wait = wait or {}
        self._started: dict[str, asyncio.Event] = {}

    def started(self, name: str) -> asyncio.Event:
        return self._started.setdefault(name, asyncio.Event())

    async def __call__(self, id: str) -> dict[str, Any]:
        self.events.append(f"+{id}")
        self.started(id).set()
        if id in self._wait:
            await asyncio.wait_for(self.started(self._wait[id]).wait(), 5)
        self.events.append(f"-{id}")
        return {"id": id}


async def test_a_step_starts_when_what_it_reads_is_done_and_not_before(gateway: Make) -> None:
    # `e` ends only once `d`, two waves later, has started: waves would hang here.
    backend = Rendezvous({"e": "baca"})
    made = await gateway(intent(DIAMOND), {"erp.order": backend})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"d": "baca", "e": "e"}
    order = backend.events
    assert order.index("-a") < order.index("+ba")
    assert max(order.index("-ba"), order.index("-ca")) < order.index("+baca") < order.index("-e")


async def test_branches_run_side_by_side(gateway: Make) -> None:
    backend = Rendezvous({"ba": "ca", "ca": "ba"})
    made = await gateway(intent(DIAMOND), {"erp.order": backend})
    assert (await made.ask("ask", {}, user=USER)).status == "complete"


@pytest.mark.parametrize("failing", ["a", "b", "c", "d", "e"])
async def test_a_failure_anywhere_cancels_running_reads(gateway: Make, failing: str) -> None:
    ended: list[str] = []

    async def backend(id: str) -> dict[str, Any]:
        if id == {"d": "baca", "b": "ba", "c": "ca"}.get(failing, failing):
            await asyncio.sleep(0.01)
            raise Unavailable
        try:
            await asyncio.sleep(30 if id == "e" else 0)
        except asyncio.CancelledError:
            ended.append(id)
            raise
        return {"id": id}

    made = await gateway(intent(DIAMOND), {"erp.order": backend})
    answer = await asyncio.wait_for(made.ask("ask", {}, user=USER), 5)
    assert codes(answer) == [(failing, "unavailable")]
    assert ended == ([] if failing == "e" else ["e"])


async def test_a_failure_waits_for_a_running_write(gateway: Make) -> None:
    written = asyncio.Event()
    begun = asyncio.Event()

    async def write(text: str) -> dict[str, Any]:
        begun.set()
        await asyncio.sleep(0.03)
        written.set()
        return {}

    async def fail(id: str) -> None:
        await begun.wait()
        raise Unavailable

    made = await gateway(
        intent("""
        steps:
          note: {call: erp.note, with: {text: x}}
          order: {call: erp.order, with: {id: "1"}}
        output: "${ steps.order }"
        """),
        {"erp.note": write, "erp.order": fail},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert codes(answer) == [("order", "unavailable")]
    assert written.is_set()


async def test_a_cancelled_request_ends_its_reads_and_finishes_its_writes(gateway: Make) -> None:
    written = asyncio.Event()
    begun = asyncio.Event()
    read_ended = asyncio.Event()

    async def write(text: str) -> dict[str, Any]:
        begun.set()
        await asyncio.sleep(0.03)
        written.set()
        return {}

    async def read(id: str) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            read_ended.set()

    made = await gateway(
        intent("""
        steps:
          order: {call: erp.order, with: {id: "1"}}
          note: {call: erp.note, with: {text: x}}
        output: "${ steps.order }"
        """),
        {"erp.note": write, "erp.order": read},
    )
    task = asyncio.create_task(made.ask("ask", {}, user=USER))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert read_ended.is_set()
    assert written.is_set()
    assert task.cancelled()


async def test_a_timeout_round_a_run_that_fails_at_once_is_not_confused(gateway: Make) -> None:
    async def backend(id: str) -> dict[str, Any]:
        await asyncio.sleep(0 if id == "e" else 30)
        raise Unavailable

    made = await gateway(intent(DIAMOND), {"erp.order": backend})
    async with asyncio.timeout(5) as guard:
        answer = await made.ask("ask", {}, user=USER)
    assert not guard.expired()
    assert codes(answer) == [("e", "unavailable")]
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0
    await asyncio.sleep(0)  # no cancellation is left behind


async def test_two_branches_that_fail_at_once_give_one_answer(gateway: Make) -> None:
    async def backend(id: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        raise Unavailable

    made = await gateway(intent(DIAMOND), {"erp.order": backend})
    for _ in range(20):
        answer = await made.ask("ask", {}, user=USER)
        assert answer.status == "failed"
        await asyncio.sleep(0)


async def test_fifty_parallel_steps(gateway: Make) -> None:
    steps = "".join(f"  s{n}: {{call: erp.order, with: {{id: '{n}'}}}}\n" for n in range(50))
    output = ", ".join(f's{n}: "${{ steps.s{n}.id }}"' for n in range(50))
    made = await gateway(intent(f"steps:\n{steps}output: {{{output}}}\n"), {"erp.order": lambda id: {"id": id}})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {f"s{n}": str(n) for n in range(50)}
