"""The services that tests hand to components."""

from __future__ import annotations

import pytest

from gateway.sdk import ExpressionFault, HttpSettings
from gateway.testing import FakeServices, Reported, refused_url


def test_faults_of_expressions_are_collected() -> None:
    services = FakeServices()
    broken = services.expression("a ==", path=("when",))
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW201", ("when",))]
    with pytest.raises(ExpressionFault):
        broken({})


def test_faults_of_templates_have_the_path_of_their_leaf() -> None:
    services = FakeServices()
    services.template({"a": ["${ args.x }", "${ nonsense.x }"]}, path=("body",))
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW202", ("body", "a", 1))]


def test_expressions_are_real() -> None:
    services = FakeServices()
    assert services.expression("length(args.x)", path=())({"args": {"x": [1, 2]}}) == 2
    assert services.template("n: ${ args.x }", path=())({"args": {"x": 1}}) == "n: 1"
    assert services.problems == []


def test_problems_are_kept_in_order() -> None:
    services = FakeServices()
    services.problem("GW104", "first", path=("a",), hint="h", severity="warning", key=True)
    services.problem("GW242", "second", path=())
    assert services.problems == [Reported("GW104", "first", ("a",), "h", "warning", True), Reported("GW242", "second", ())]
    assert services.codes == ["GW104", "GW242"]


async def test_clients_are_real_and_closed() -> None:
    services = FakeServices()
    settings = HttpSettings(servers=(refused_url(),))
    assert services.http(settings) is not services.http(settings)
    assert services.settings == [settings, settings]
    await services.close()


def test_meters_keep_what_they_were_given() -> None:
    metrics = FakeServices().metrics
    metrics.counter("calls", "Calls.", source="a").inc()
    metrics.counter("calls", "Calls.", source="a").inc(2)
    metrics.histogram("seconds", "Seconds.").observe(0.5)
    assert {name: meter.values for name, meter in metrics.meters.items()} == {'calls{source="a"}': [1, 2], "seconds": [0.5]}
