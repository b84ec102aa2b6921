"""What of a run can be given again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.runtime.recording import NOTE, Recording, recording_of
from gateway.sdk import Answer, Forbidden, NotFound, Response, Unavailable
from gateway.testing.scenario import Scenario
from tests.runtime.kept import ANN, keeping

ASK = """
intent: ask
guard: [{check: "user.id == 'ann'"}]
steps: {a: {call: erp.orders}, b: {call: erp.order, with: {id: "1"}}}
output: ["${ steps.a }", "${ steps.b }"]
"""


async def recorded(made: Scenario, user: dict[str, Any] = ANN) -> tuple[Recording, Answer]:
    exchange = made.exchange("ask", user=user)
    recording = exchange.notes[NOTE] = Recording()
    assert recording_of(exchange) is recording
    return recording, await made.plan.handler(exchange)


async def test_a_run(tmp_path: Path) -> None:
    async with keeping(tmp_path, ASK, {"erp.orders": 1, "erp.order": 2}) as (made, _):
        recording, answer = await recorded(made)
        run = recording.run(answer)
        assert run is not None
        assert (run.status, run.data, run.evidence.steps, run.operations) == (
            "complete",
            [1, 2],
            {"a": 1, "b": 2},
            ["erp.orders", "erp.order"],
        )
        assert (run.absence, run.step, recording.private) == (None, None, False)


async def test_a_denial_is_no_run(tmp_path: Path) -> None:
    async with keeping(tmp_path, ASK, {}) as (made, _):
        recording, answer = await recorded(made, {**ANN, "id": "bob"})
        assert isinstance(answer.error, Forbidden)
        assert recording.run(answer) is None


async def test_an_absence_and_its_step(tmp_path: Path) -> None:
    gone = NotFound("no such order", detail_code="gone", status_code=404)
    async with keeping(tmp_path, ASK, {"erp.orders": 1, "erp.order": gone}) as (made, _):
        recording, answer = await recorded(made)
        run = recording.run(answer)
        assert run is not None
        assert run.absence is not None
        again = run.absence.error()
        assert (run.step, again.message, again.detail_code, again.status_code) == ("b", gone.message, "gone", 404)


async def test_a_failure_is_no_absence(tmp_path: Path) -> None:
    async with keeping(tmp_path, ASK, {"erp.orders": 1, "erp.order": Unavailable()}) as (made, _):
        recording, answer = await recorded(made)
        run = recording.run(answer)
        assert run is not None
        assert (run.status, run.absence, run.step) == ("failed", None, "b")


@pytest.mark.parametrize("header", [("cache-control", "max-age=5, private"), ("cache-control", "no-store"), ("set-cookie", "a=b")])
async def test_what_a_backend_says_is_for_one_caller(tmp_path: Path, header: tuple[str, str]) -> None:
    async with keeping(tmp_path, ASK, {"erp.orders": 1, "erp.order": Response(2, headers=dict([header]))}) as (made, _):
        recording, _ = await recorded(made)
        assert recording.private


async def test_without_a_recording_nothing_is_collected(tmp_path: Path) -> None:
    async with keeping(tmp_path, ASK, {"erp.orders": 1, "erp.order": 2}) as (made, _):
        exchange = made.exchange("ask", user=ANN)
        answer = await made.plan.handler(exchange)
        assert recording_of(exchange) is None
        assert Recording().run(answer) is None
