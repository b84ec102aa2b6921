"""Kinds of source that come later: their configuration is modelled and checked."""

from __future__ import annotations

import msgspec
import pytest

from gateway.config.validate import parse, validate
from gateway.sdk import Component
from gateway.sdk.source_config import SourceConfig
from gateway.sources.planned import components
from tests.config.written import COMPONENTS, document, problems_of


@pytest.mark.parametrize("component", components, ids=lambda component: component.name)
def test_example_is_sound_and_warned_of(component: Component) -> None:
    written = document(component.example)
    problems = validate(written, "source", COMPONENTS)
    assert [(problem.code, problem.severity, problem.path) for problem in problems] == [("GW110", "warning", ("type",))]
    model = parse(written, "source", COMPONENTS)
    assert isinstance(model, component.Config)
    assert issubclass(component.Config, SourceConfig)
    assert (component.kind, component.status, component.build) == ("source", "planned", None)


@pytest.mark.parametrize("component", components, ids=lambda component: component.name)
def test_every_operation_is_described(component: Component) -> None:
    fields = {field.name for field in msgspec.structs.fields(component.Config)}
    assert {"operations", "timeout", "retry"} <= fields


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("type: llm\nservers: [a]\noperations: {o: {prompt: x, messages: []}}", "GW107"),
        ("type: odata\nservers: [a]\noperations: {o: {top: 5}}", "GW107"),
        ("type: graphql\nservers: [a]\noperations: {o: {}}", "GW103"),
        ("type: vector\nurl: x\noperations: {o: {retrieve: {query: x, topk: 5}}}", "GW101"),
        ("type: event\nurl: x\nauth: {forward_token: true}\noperations: {o: {publish: t}}", "GW111"),
    ],
)
def test_faults(text: str, code: str) -> None:
    assert [problem.code for problem in problems_of(f"source: s\n{text}")] == sorted(["GW110", code], key=lambda item: item != "GW110")
