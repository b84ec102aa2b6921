from __future__ import annotations

import time
from typing import Any

import pytest

from gateway.expressions.shape import ANY, closed, object_of
from gateway.planner.plain_paths import plain_paths
from gateway.sdk import Path

ROOTS = {"input": closed(["id", "lines"]), "steps": object_of({"order": closed(["id"])}), "result": ANY, "item": ANY}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("input.id", [()]),
        (" input.id ", [()]),
        ("input.id.of.it", [()]),
        ("input.lines[0].sku", [()]),
        ("input.lines[*].sku", [()]),
        ("steps.order.id", [()]),
        ("result.any", [()]),
        ("item.sku", [()]),
        ({"a": ["x", "input.id"], "b": {"c": "input.id"}}, [("a", 1), ("b", "c")]),
        ({"$each": "input.lines", "$as": "line", "$where": "line.x", "$limit": "input.id", "$do": {"a": "line.x"}}, [("$do", "a")]),
        ({"$if": "input.id", "$then": "input.id", "$else": "input.lines"}, [("$then",), ("$else",)]),
        ({"$use": "card", "value": "input.id"}, [("value",)]),
    ],
)
def test_a_text_that_is_a_path(template: Any, found: list[Path]) -> None:
    assert sorted((path for path, _ in plain_paths(template, ROOTS)), key=str) == sorted(found, key=str)


@pytest.mark.parametrize(
    "template",
    [
        *["input", "input.", "input.nothing", "steps.nothing.id", "version.two", "see input.id", "input.id.", "input id", "input..id"],
        *["${ input.id }", "a ${ input.id }", "$${ input.id }", "input-id.x", "www.input.id", "e.g.", "line.x", "input.id()", ""],
        *[{"$literal": "input.id"}, {"$literal": {"a": "input.id"}}, {"input.id": 1}, 7, None, True, [], {}],
    ],
)
def test_a_text_that_is_none(template: Any) -> None:
    assert list(plain_paths(template, ROOTS)) == []


def test_long_texts_and_deep_templates_take_no_time() -> None:
    deep: Any = "input.id"
    for _ in range(5_000):
        deep = [deep]
    started = time.process_time()
    assert [path for path, _ in plain_paths(deep, ROOTS)] == [(0,) * 5_000]
    assert list(plain_paths("input" + ".a" * 100_000 + "!", ROOTS)) == []
    assert list(plain_paths("input.a" + "[" * 100_000, ROOTS)) == []
    assert time.process_time() - started < 1
