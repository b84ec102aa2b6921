"""`type: static`."""

from __future__ import annotations

import pytest

from gateway.sdk import Source
from gateway.sources import static
from gateway.testing import FakeServices
from gateway.testing.contracts import Example, SourceContract
from tests.sources.built import build, invoke

YAML = """\
source: store
type: static
operations:
  hours: {value: {city: "${ args.city }", open: true, for: "${ user.id }"}}
"""


class TestStaticContract(SourceContract):
    component = static.component
    reading = Example("hours", {"city": "Bonn"}, {"city": "Bonn", "open": True, "for": "u1"})

    @pytest.fixture
    def source(self, services: FakeServices) -> Source:
        built: Source = build(static.component, YAML, services)
        return built


async def test_identity_and_params_come_from_the_value(services: FakeServices) -> None:
    operation = build(static.component, YAML, services).operation("hours")
    assert operation.identity == {("user", "id")}
    assert operation.params == {"type": "object", "properties": {"city": {}}, "required": []}


async def test_data_is_never_evaluated(services: FakeServices) -> None:
    source = build(static.component, YAML, services)
    assert (await invoke(source, "hours", city="${ user.id }")).body["city"] == "${ user.id }"


def test_an_undeclared_argument_is_reported(services: FakeServices) -> None:
    operations = {"hours": {"value": "${ args.town }", "params": {"properties": {"city": {}}}}}
    build(static.component, YAML, services, operations=operations)
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW240", ("operations", "hours", "value"))]
