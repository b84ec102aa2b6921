"""Paths as vendors write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.sources.openapi_library import Located
from gateway.sources.openapi_parameters import Read
from gateway.sources.openapi_path import path_of, placed
from gateway.sources.openapi_style import Parameter, Where

OPERATION = Located({}, Path("/nowhere/a.yaml"))


@pytest.mark.parametrize(
    ("written", "text", "behind"),
    [
        ("/a/{id}", "/a/{id}", {}),
        ("/#X-Amz-Target=A.B", "/", {}),
        ("/a?x=1#y", "/a?x=1", {}),
        ("/a?x=1&from={start}&to={end}", "/a?x=1", {"start": "from", "end": "to"}),
        ("/a?{x}", "/a?{x}", {}),
        ("/a?x={y}z", "/a?x={y}z", {}),
        ("/a?x={y}{z}", "/a?x={y}{z}", {}),
        ("/a?", "/a", {}),
    ],
)
def test_path_of(written: str, text: str, behind: dict[str, str]) -> None:
    path = path_of(written)
    assert (path.text, path.behind) == (text, behind)


def read(name: str, where: Where) -> Read:
    return Read(Parameter(name, f"the_{name}", where, "simple", explode=False), OPERATION.below({"type": "integer"}), True, None)


def sent(parameters: list[Read], names: tuple[str, ...], behind: dict[str, str]) -> list[tuple[str, str, str]]:
    found = (each.parameter for each in placed(parameters, names, behind, OPERATION))
    return [(own.where, own.name, own.argument) for own in found]


def test_described_parameters_stay_where_they_are() -> None:
    parameters = [read("id", "path"), read("q", "query"), read("h", "header")]
    assert sent(parameters, ("id",), {}) == [("path", "id", "the_id"), ("query", "q", "the_q"), ("header", "h", "the_h")]


def test_a_parameter_without_a_place_is_not_sent_and_a_place_without_one_takes_text() -> None:
    assert sent([read("gone", "path")], ("id",), {}) == [("path", "id", "id")]
    (made,) = placed([], ("id",), {}, OPERATION)
    assert (made.schema.node, made.required) == ({"type": "string"}, True)


def test_places_behind_the_question_mark() -> None:
    assert sent([read("start", "path")], (), {"start": "from"}) == [("query", "from", "the_start")]
    assert sent([], (), {"start": "from"}) == [("query", "from", "start")]
    assert sent([read("from", "query")], (), {"start": "from"}) == [("query", "from", "the_from")]
