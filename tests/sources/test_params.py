"""Arguments: declared, inferred, used."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sdk import Compiled
from gateway.sources.params import Used, check_declared, identity_of, inferred_params, is_open, used_arguments, written_params
from gateway.testing import FakeServices


def template(value: Any) -> Compiled:
    return FakeServices().template(value, path=())


def test_what_templates_use() -> None:
    assert used_arguments([template("${ args.a.b }"), template({"x": "${ args.c || user.id }"})]) == Used(frozenset({"a", "c"}))
    whole = used_arguments([template("${ to_json(args) }")])
    assert whole.everything
    assert whole.covers("anything")


def test_identity_is_what_differs_between_requests() -> None:
    used = [template("${ args.a } ${ user.id } ${ config.states } ${ tenant.plan }")]
    assert identity_of(used) == {("user", "id"), ("tenant", "plan")}


def test_inferred() -> None:
    assert inferred_params(["id"], Used(frozenset({"id", "b"}), everything=True)) == {
        "type": "object",
        "properties": {"id": {}, "b": {}},
        "required": ["id"],
        "additionalProperties": True,
    }


@pytest.mark.parametrize(
    ("written", "open_"), [(True, True), (False, False), ({}, False), ({"additionalProperties": {"type": "string"}}, True)]
)
def test_open_params(written: Any, open_: bool) -> None:
    params = written_params(written)
    assert params["type"] == "object"
    assert is_open(params) is open_


def test_undeclared_arguments_are_reported_with_a_hint() -> None:
    services = FakeServices()
    check_declared(services, ["a", "colour"], {"properties": {"color": {}, "a": {}}}, ("here",), "the query")
    assert [(problem.code, problem.path, problem.hint) for problem in services.problems] == [("GW240", ("here",), "did you mean `color`?")]
    check_declared(services, ["b"], {"additionalProperties": True}, ("here",), "the query")
    assert len(services.problems) == 1
