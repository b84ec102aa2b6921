"""What a request is given of a kept answer, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.sdk import BackendError, Conflict, NotFound, Timeout, Unavailable
from tests.runtime.kept import ANN, BOB, keeping, settled

ASK = """
intent: ask
input: {type: object, properties: {id: {type: string}}, required: [id]}
cache: {ttl: 30s%s}
steps:
  order: {call: erp.order, with: {id: "${ input.id }"}}
  all: {let: {first: "${ steps.order.id }"}}
  never: {call: erp.orders, when: "input.id == 'x'"}
output: {order: "${ steps.order }", first: "${ steps.all.first }", never: "${ steps.never }"}
reply: "${ output.order.id } for ${ user.id } at ${ ctx.channel }: ${ status.order } ${ meta.order.cached } ${ meta.order.attempts }"
"""


class Orders:
    """A backend whose answers tell which call they are of; fails with `failure` where that is set."""

    def __init__(self) -> None:
        self.calls = 0
        self.failure: Any = None

    def __call__(self, id: str) -> Any:
        self.calls += 1
        return self.failure or {"id": id, "call": self.calls}


async def test_a_fresh_answer_is_given_without_its_steps(tmp_path: Path) -> None:
    orders = Orders()
    async with keeping(tmp_path, ASK % "", {"erp.order": orders, "erp.orders": 1}) as (made, clock):
        first = await made.ask("ask", {"id": "7"}, user=ANN)
        clock.seconds += 29.9
        second = await made.ask("ask", {"id": "7"}, user=ANN, channel="web")
        assert orders.calls == 1
        assert (second.status, second.level, second.data) == ("complete", "full", first.data)
        assert first.data == {"order": {"id": "7", "call": 1}, "first": "7", "never": None}
        assert first.reply is not None
        assert first.reply.text == "7 for ann at api: ok false 1"
        assert second.reply is not None
        assert second.reply.text == "7 for ann at web: ok true 0"
        told = {name: (report.status, report.cached, report.attempts, report.source) for name, report in second.steps.items()}
        assert told == {"order": ("ok", True, 0, "erp"), "all": ("ok", True, 0, None), "never": ("skipped", False, 0, "erp")}
        clock.seconds += 0.2
        assert (await made.ask("ask", {"id": "7"}, user=ANN)).data["order"]["call"] == 2
        assert made.plan.layers[-1] == ("recall", "recall")


async def test_without_a_cache_there_is_no_stage(tmp_path: Path) -> None:
    specs = "intent: ask\nsteps: {o: {call: erp.orders}}\noutput: ${ steps.o }\n"
    async with keeping(tmp_path, specs, {"erp.orders": 1}) as (made, _):
        assert "recall" not in [phase for phase, _ in made.plan.layers]
        await made.ask("ask", user=ANN)
        await made.ask("ask", user=ANN)
        assert len(made.calls) == 2


async def test_only_intents_with_a_cache_are_kept(tmp_path: Path) -> None:
    specs = ASK % "" + "---\nintent: other\nsteps: {o: {call: erp.orders}}\noutput: ${ steps.o }\n"
    async with keeping(tmp_path, specs, {"erp.orders": 1, "erp.order": Orders()}) as (made, _):
        await made.ask("other", user=ANN)
        await made.ask("other", user=ANN)
        assert len(made.called("erp.orders")) == 2


async def test_a_stale_answer_is_given_while_one_run_brings_a_new_one(tmp_path: Path) -> None:
    orders = Orders()
    async with keeping(tmp_path, ASK % ", stale_while_revalidate: 10s", {"erp.order": orders, "erp.orders": 1}) as (made, clock):
        await made.ask("ask", {"id": "7"}, user=ANN)
        clock.seconds += 39.9
        stale = [await made.ask("ask", {"id": "7"}, user=ANN) for _ in range(3)]
        assert [(answer.status, answer.level, answer.data["order"]["call"]) for answer in stale] == [("complete", "reduced", 1)] * 3
        assert {name: report.status for name, report in stale[0].steps.items()} == {"order": "stale", "all": "ok", "never": "skipped"}
        assert stale[0].steps["order"].stale
        assert stale[0].reply is not None
        assert stale[0].reply.text == "7 for ann at api: stale true 0"
        await settled()
        assert orders.calls == 2
        fresh = await made.ask("ask", {"id": "7"}, user=ANN)
        assert (fresh.level, fresh.data["order"]["call"]) == ("full", 2)
        clock.seconds += 40
        assert (await made.ask("ask", {"id": "7"}, user=ANN)).data["order"]["call"] == 3


async def test_a_refresh_that_fails_is_tried_again_after_a_pause(tmp_path: Path) -> None:
    orders = Orders()
    async with keeping(tmp_path, ASK % ", stale_while_revalidate: 10s", {"erp.order": orders, "erp.orders": 1}) as (made, clock):
        await made.ask("ask", {"id": "7"}, user=ANN)
        orders.failure = Unavailable()
        clock.seconds += 30
        for _ in range(5):
            assert (await made.ask("ask", {"id": "7"}, user=ANN)).data["order"]["call"] == 1
            await settled()
        assert orders.calls == 2
        clock.seconds += 1
        await made.ask("ask", {"id": "7"}, user=ANN)
        await settled()
        assert orders.calls == 3


@pytest.mark.parametrize("failure", [Unavailable(), Timeout(), BackendError(status_code=503)])
async def test_a_stale_answer_stands_in_for_failing_backends(tmp_path: Path, failure: Exception) -> None:
    orders = Orders()
    async with keeping(tmp_path, ASK % ", stale_if_error: 1m", {"erp.order": orders, "erp.orders": 1}) as (made, clock):
        await made.ask("ask", {"id": "7"}, user=ANN)
        orders.failure = failure
        clock.seconds += 89
        answer = await made.ask("ask", {"id": "7"}, user=ANN)
        assert (answer.status, answer.level, answer.error, answer.errors) == ("complete", "reduced", None, [])
        assert answer.data["order"] == {"id": "7", "call": 1}
        assert orders.calls == 2
        clock.seconds += 2
        assert (await made.ask("ask", {"id": "7"}, user=ANN)).status == "failed"


@pytest.mark.parametrize("failure", [Conflict(), NotFound(), BackendError(status_code=403), BackendError(status_code=422)])
async def test_what_a_backend_refuses_is_told(tmp_path: Path, failure: Any) -> None:
    orders = Orders()
    async with keeping(tmp_path, ASK % ", stale_if_error: 1m", {"erp.order": orders, "erp.orders": 1}) as (made, clock):
        await made.ask("ask", {"id": "7"}, user=ANN)
        orders.failure = failure
        clock.seconds += 31
        answer = await made.ask("ask", {"id": "7"}, user=ANN)
        assert answer.error is not None
        assert answer.error.code == failure.code


@pytest.mark.parametrize("withdrawn", [NotFound(status_code=404), BackendError(status_code=403), BackendError(status_code=410)])
async def test_what_a_backend_withdrew_stands_in_for_nothing(tmp_path: Path, withdrawn: Exception) -> None:
    orders = Orders()
    async with keeping(tmp_path, ASK % ", stale_if_error: 1m", {"erp.order": orders, "erp.orders": 1}) as (made, clock):
        await made.ask("ask", {"id": "7"}, user=ANN)
        clock.seconds += 31
        for orders.failure in (withdrawn, Unavailable()):
            assert (await made.ask("ask", {"id": "7"}, user=ANN)).status == "failed"


async def test_an_absence_is_remembered(tmp_path: Path) -> None:
    orders = Orders()
    orders.failure = NotFound("There is no such order.", detail_code="gone", status_code=404)
    async with keeping(tmp_path, ASK % ", negative: 5s", {"erp.order": orders, "erp.orders": 1}) as (made, clock):
        first = await made.ask("ask", {"id": "7"}, user=ANN)
        clock.seconds += 4.9
        second = await made.ask("ask", {"id": "7"}, user=ANN)
        assert orders.calls == 1
        assert isinstance(second.error, NotFound)
        assert isinstance(first.error, NotFound)
        assert (second.errors, second.status, second.error.detail_code) == (first.errors, "failed", "gone")
        assert second.errors[0].step == "order"
        assert second.errors[0].source == "erp"
        clock.seconds += 0.2
        orders.failure = None
        assert (await made.ask("ask", {"id": "7"}, user=ANN)).status == "complete"


async def test_absences_are_not_remembered_unasked(tmp_path: Path) -> None:
    orders = Orders()
    orders.failure = NotFound()
    async with keeping(tmp_path, ASK % "", {"erp.order": orders, "erp.orders": 1}) as (made, _):
        for _ in range(2):
            await made.ask("ask", {"id": "7"}, user=ANN)
        assert orders.calls == 2


@pytest.mark.parametrize(
    "step",
    [
        "order: {call: erp.order, with: {id: '7'}, required: false}",
        "order: {call: erp.order, with: {id: '7'}, fallback: [{return: {id: none}}]}",
    ],
)
async def test_what_lacks_something_is_not_kept(tmp_path: Path, step: str) -> None:
    specs = (
        f'intent: ask\ncache: {{ttl: 30s}}\nsteps:\n  {step}\n  b: {{call: erp.orders}}\noutput: ["${{ steps.order }}", "${{ steps.b }}"]\n'
    )
    orders = Orders()
    orders.failure = Unavailable()
    async with keeping(tmp_path, specs, {"erp.order": orders, "erp.orders": 1}) as (made, _):
        assert (await made.ask("ask", user=ANN)).status == "partial"
        orders.failure = None
        assert (await made.ask("ask", user=ANN)).status == "complete"
        orders.failure = Unavailable()
        assert (await made.ask("ask", user=ANN)).status == "complete"


async def test_a_null_in_the_key_is_an_expression_error(tmp_path: Path) -> None:
    specs = "intent: ask\ncache: {ttl: 30s, key: [user.region]}\nsteps: {o: {call: erp.orders}}\noutput: ${ steps.o }\n"
    async with keeping(tmp_path, specs, {"erp.orders": 1}) as (made, _):
        exchange = made.exchange("ask", user=ANN)
        answer = await made.plan.handler(exchange)
        assert answer.error is not None
        assert answer.error.code == "expression_error"
        assert "specs/all.yaml" in exchange.notes["fault"]
        assert made.calls == []
        assert (await made.ask("ask", user={**ANN, "region": "eu"})).status == "complete"


async def test_a_key_that_cannot_be_written_is_no_key(tmp_path: Path) -> None:
    specs = "intent: ask\ninput: true\ncache: {ttl: 30s}\nsteps: {o: {call: erp.orders}}\noutput: ${ steps.o }\n"
    async with keeping(tmp_path, specs, {"erp.orders": 1}) as (made, _):
        for _ in range(2):
            assert (await made.ask("ask", {"id": "\ud800"}, user=ANN)).status == "complete"
        assert len(made.calls) == 2


async def test_all_of_a_tenant_share_where_nothing_tells_them_apart(tmp_path: Path) -> None:
    orders = Orders()
    specs = (ASK % "").replace("for ${ user.id } ", "")
    async with keeping(tmp_path, specs, {"erp.order": orders, "erp.orders": 1}) as (made, _):
        await made.ask("ask", {"id": "7"}, user=ANN)
        await made.ask("ask", {"id": "7"}, user=BOB)
        assert orders.calls == 1
