"""Names and their second uses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.config.document import Document
from gateway.config.draft import Draft
from gateway.config.kinds import kind_among
from gateway.config.loaded import Loaded
from gateway.config.nodes import plain
from gateway.config.registry import Registry
from gateway.config.strict_yaml import read_yaml
from gateway.sdk.problem import Problem


def registered(text: str) -> tuple[Loaded, list[Problem]]:
    """Each document with a model that has its version."""
    registry, problems = Registry(), []
    for raw in read_yaml("a.yaml", text.encode()).documents:
        if raw.root is None:
            registry.add_unread(raw.names)
            continue
        data = plain(raw.root)
        draft = Draft(kind_among(data) or "", Document(raw.root, file="a.yaml"))
        problems += registry.add(draft, SimpleNamespace(version=draft.version))
    loaded = Loaded(Path())
    registry.fill(loaded)
    return loaded, problems


def test_everything_is_where_loaded_has_it() -> None:
    loaded, problems = registered(
        "source: s\n---\nintent: i\n---\nroute: r\nintent: i\n---\ntransform: t\n---\npolicy: roles\n---\ngateway: g\n---\ntest: i\n"
    )
    assert problems == []
    assert ([*loaded.sources], [*loaded.intents], [*loaded.routes], [*loaded.transforms]) == (["s"], ["i"], ["r"], ["t"])
    assert [policy.name for policy in loaded.policies] == ["roles"]
    assert loaded.gateway is not None
    assert loaded.gateway.name == "g"


def test_versions_of_an_intent_ascend() -> None:
    loaded, problems = registered("intent: i\nversion: 3\n---\nintent: i\n---\nintent: i\nversion: 2\n")
    assert ([item.model.version for item in loaded.intents["i"]], problems) == ([1, 2, 3], [])


@pytest.mark.parametrize(
    ("text", "message", "hint", "line"),
    [
        ("source: s\n---\nsource: s\n", "source `s` is defined twice", "the first is at a.yaml:1:9", 3),
        ("route: s\n---\nroute: s\n", "route `s` is defined twice", "the first is at a.yaml:1:8", 3),
        ("intent: i\n---\nx: 1\nintent: i\n", "intent `i` version 1 is defined twice", "the first is at a.yaml:1:9", 4),
        ("intent: i\nversion: 2\n---\nintent: i\nversion: 2\n", "intent `i` version 2 is defined twice", "the first is at a.yaml:2:10", 5),
    ],
)
def test_a_second_use_names_both_places_and_keeps_neither(text: str, message: str, hint: str, line: int) -> None:
    loaded, (problem,) = registered(text)
    assert (problem.code, problem.message, problem.hint, problem.place.line) == ("GW120", message, hint, line)
    assert [*loaded.sources, *loaded.routes, *loaded.intents] == []
    assert loaded.names(text.partition(":")[0])


def test_one_name_in_two_kinds_is_fine() -> None:
    assert registered("source: a\n---\nintent: a\n---\nroute: a\n---\ntransform: a\n")[1] == []


def test_policies_add_up_unless_they_write_the_same() -> None:
    first = "policy: roles\nroles: {a: {}, b: {}}\nrules: [1]\n"
    second = "policy: roles\nroles: {c: {}, b: {}}\nrules: [2]\n"
    text = f"{first}---\n{second}---\npolicy: audit\nroles: {{a: {{}}}}\n"
    loaded, (problem,) = registered(text)
    assert (problem.message, problem.path) == ("`roles.b` of policy `roles` is written twice", ("roles", "b"))
    assert len(loaded.policies) == 2
    _, (problem,) = registered("policy: audit\nretention: 1d\n---\npolicy: audit\nretention: 2d\n")
    assert problem.message == "`retention` of policy `audit` is written twice"


def test_what_has_no_model_is_known_by_name() -> None:
    registry = Registry()
    raw = read_yaml("a.yaml", b"source: a\n").documents[0]
    assert raw.root is not None
    registry.add(Draft("source", Document(raw.root, file="a.yaml")), None)
    registry.add_unread({"intent": "i", "steps": "x"})
    registry.add_unread({"intent": "i", "route": "r"})
    registry.add_unread({"other": "x"})
    assert registry.unread == {("source", "a"), ("intent", "i"), ("route", "r")}
    loaded = Loaded(Path())
    registry.fill(loaded)
    assert (loaded.sources, loaded.names("source"), loaded.names("route"), loaded.names("transform")) == ({}, {"a"}, {"r"}, frozenset())
