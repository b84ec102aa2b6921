"""What a component's `build` receives from the planner."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.compiler import Compiler
from gateway.planner.services import ComponentServices, Surroundings
from gateway.sdk import Caller, Clock, HttpSettings, Place, SecretText, Services, SystemClock, user_root
from gateway.testing.services import FakeMetrics
from tests.planner.folders import compiler_of

TEXT = "source: erp\noperations:\n  order: {success: bdy.ok, result: body.x, query: {q: '${ args.x }'}}\n"


@pytest.fixture
def compiler() -> Compiler:
    return compiler_of(TEXT)


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    clock: Clock = SystemClock()
    return Surroundings(folder=tmp_path, clock=clock, metrics=FakeMetrics(), config={"a": 1}, flags={"new": True})  # type: ignore[arg-type]


def test_it_is_the_protocol(compiler: Compiler, surroundings: Surroundings) -> None:
    services: Services = ComponentServices("erp.order", surroundings, compiler)
    assert (services.name, services.folder, services.clock) == ("erp.order", surroundings.folder, surroundings.clock)
    assert (services.config, services.flags, services.logger.name) == ({"a": 1}, {"new": True}, "gateway.erp.order")
    assert services.metrics is surroundings.metrics


def test_paths_are_relative_to_the_component(compiler: Compiler, surroundings: Surroundings) -> None:
    services = ComponentServices("erp.order", surroundings, compiler, ("operations", "order"))
    services.expression("bdy.ok", path=("success",), roots=frozenset({"body"}))
    services.problem("GW999", "m", path=("result",), hint="h", key=True, severity="warning")
    assert services.template({"q": "${ args.x }"}, path=("query",))({"args": {"x": 1}}) == {"q": 1}
    fault, problem = compiler.findings.problems
    assert (fault.code, fault.place) == ("GW202", Place("specs/a.yaml", 3, 20, 23))
    assert (problem.code, problem.place, problem.path) == ("GW999", Place("specs/a.yaml", 3, 28, 34), ("operations", "order", "result"))
    assert (problem.hint, problem.severity) == ("h", "warning")
    assert compiler.uses[-1].path == ("operations", "order", "query", "q")


def test_authorisation_expressions_know_unknown(compiler: Compiler, surroundings: Surroundings) -> None:
    services = ComponentServices("erp", surroundings, compiler)
    check = services.expression("user.a == user.b", path=("x",), authorisation=True)
    assert check({"user": {"a": None, "b": None}}) is None


def test_only_stages_know_intents_and_permissions(compiler: Compiler, surroundings: Surroundings) -> None:
    caller = Caller(("test", "", "u"), user_root("u", {}))
    source = ComponentServices("erp", surroundings, compiler)
    with pytest.raises(RuntimeError, match="before the intents are known"):
        _ = source.catalogue
    assert not source.permitted(caller, "trace")
    stage = ComponentServices("record", surroundings, compiler, permits=lambda _, permission, scope: permission == "trace" and scope != {})
    assert stage.permitted(caller, "trace")
    assert not stage.permitted(caller, "admin:x")
    assert not stage.permitted(caller, "trace", {})


async def test_clients_are_the_plan_s_to_close(compiler: Compiler, surroundings: Surroundings) -> None:
    made = ComponentServices("erp", surroundings, compiler).http(HttpSettings(servers=("http://127.0.0.1:1",)))
    assert surroundings.clients == [made]
    await made.close()


def test_a_secret_is_the_one_that_stands_there(compiler: Compiler, surroundings: Surroundings) -> None:
    text = SecretText("one", secret=True)
    compiler.document.secrets = {("auth", "api_key", "value"): text}
    services = ComponentServices("erp", surroundings, compiler)
    assert not text.followed
    assert services.secret("one", path=("auth", "api_key", "value")) is text
    assert text.followed
    assert ComponentServices("erp", surroundings, compiler, ("auth",)).secret("one", path=("api_key", "value")) is text
    fixed = services.secret("written", path=("auth", "api_key", "header"))
    assert (fixed.text, fixed.secret) == ("written", False)


async def test_components_may_start_and_end_with_the_plan(compiler: Compiler, surroundings: Surroundings) -> None:
    async def hook() -> None:
        pass

    services = ComponentServices("jwt", surroundings, compiler)
    services.at_start(hook)
    services.at_close(hook)
    assert (surroundings.starters, surroundings.closers) == ([("jwt", hook)], [hook])
