from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.absent import AbsentSource
from gateway.sdk import Unavailable
from gateway.sources.planned import components
from gateway.testing import FakeServices, call_of
from gateway.testing.scenario import scenario
from tests.planner.folders import planned, told

BUS = """
source: bus
type: event
url: amqp://bus.test
operations: {order_changed: {publish: orders, params: {type: object, properties: {id: {type: string}}}}}
---
intent: ask
steps:
  told: {emit: {to: bus.order_changed, data: {id: "1"}}, required: false}
output: {status: "${ status.told }"}
"""


async def test_every_call_is_unavailable() -> None:
    (event,) = [component for component in components if component.name == "event"]
    assert event.build is None
    source = AbsentSource(event.Config(source="bus", type="event", url="amqp://bus.test", operations={}), FakeServices())
    await source.start()
    assert list(source.names()) == []
    assert source.operation("x") is None
    assert not await source.ready()
    await source.close()


async def test_its_operations_are_checked_and_fail(tmp_path: Path) -> None:
    async with scenario(
        tmp_path, {"specs/a.yaml": BUS, "policies/r.yaml": "policy: roles\nroles: {c: {allow: ['intent:*']}}\n"}, {}
    ) as made:
        operation = made.plan.sources["bus"].operation("order_changed")
        assert operation is not None
        with pytest.raises(Unavailable) as raised:
            await operation.invoke(call_of("bus.order_changed"))
        assert raised.value.detail_code == "not_in_force"
        answer = await made.ask("ask", user={"id": "u", "roles": ["c"]})
    assert (answer.status, answer.data, answer.errors[0].code) == ("partial", {"status": "failed"}, "unavailable")


def test_its_arguments_are_held_against_params(tmp_path: Path) -> None:
    assert [code for code, _, _ in told(planned(tmp_path, BUS.replace('id: "1"', "ident: 1")))] == ["GW110", "GW224"]
