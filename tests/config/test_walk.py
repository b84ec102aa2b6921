"""The walk agrees with a reference implementation of JSON Schema on what is valid."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gateway.config.document import Document
from gateway.config.key_examples import EXAMPLES
from gateway.config.kind_schema import discriminator_of, schema_for
from gateway.config.positions import positions
from gateway.config.strict_yaml import read_yaml
from gateway.config.walk import Walk
from gateway.sdk.problem import Path as Place
from tests.config.written import COMPONENTS, document, only, problems_of

MOST_PATHS = 60
STRUCTURAL = {"GW101", "GW102", "GW103", "GW104", "GW105"}
VALUES: list[Any] = [None, True, 5, -1, 0.5, "x", "2s", "auto", "64KiB", "", [], {}, ["x"], [5], {"x": 1}, {"a": {"b": None}}]


def examples(file: Path) -> Iterator[Document]:
    for raw in read_yaml(file.name, file.read_bytes()).documents:
        assert raw.root is not None
        yield Document(raw.root, file=file.name)


def paths_in(data: Any, path: Place = ()) -> Iterator[Place]:
    yield path
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, item in below:
        yield from paths_in(item, (*path, step))


def changed(data: Any, path: Place, how: int, value: Any) -> Any:
    """The data with one thing at `path` taken away, renamed, added to or replaced."""
    data = copy.deepcopy(data)
    owner = data
    for step in path[:-1]:
        owner = owner[step]
    if how == 0:
        del owner[path[-1]]
    elif how == 1 and isinstance(owner, dict):
        owner[f"{path[-1]}x"] = owner.pop(path[-1])
    elif how == 2 and isinstance(owner[path[-1]], dict):
        owner[path[-1]]["surplus"] = value
    else:
        owner[path[-1]] = value
    return data


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_agrees_with_the_reference(file: Path) -> None:
    """Every example document with one change after the other at many of its places: an error here exactly where the reference has one."""
    draw = random.Random(file.name)
    for written in examples(file):
        schema = schema_for(file.stem, discriminator_of(file.stem, written.data), COMPONENTS)
        reference = jsonschema.Draft202012Validator(schema)
        original = written.data
        paths = [path for path in paths_in(original) if path]
        for path in draw.sample(paths, min(len(paths), MOST_PATHS)):
            for how in range(4):
                data = changed(original, path, how, draw.choice(VALUES))
                written.data = data
                walk = Walk(written, file.stem, schema)
                walk.run()
                exempt = [position.path for position in positions(schema, data) if position.kind == "json_schema"]
                problems = [
                    problem
                    for problem in walk.faults.problems
                    if problem.code in STRUCTURAL
                    and not any(problem.path[: len(place)] == place for place in exempt if problem.path != place)
                ]
                assert bool(problems) == (not reference.is_valid(data)), (path, how, data, problems)


def test_a_broken_node_is_reported_once() -> None:
    assert len(problems_of("intent: a\nsteps:\n  s: just text\nreply: [[[1]]]\n")) == 2


def test_a_mapping_that_lacks_its_dash() -> None:
    problem = only("intent: a\nreply:\n  when: input.x\n  text: hello\n")
    assert (problem.code, problem.place.line, problem.hint) == ("GW102", 2, "put `- ` before each entry")


def test_places_point_at_values_and_keys() -> None:
    written = document("intent: a\nsteps:\n  s:\n    call: 5\n    with: []\n")
    walk = Walk(written, "intent", schema_for("intent", None, COMPONENTS))
    walk.run()
    assert [(problem.place.line, problem.place.column) for problem in walk.faults.problems] == [(4, 11), (5, 5)]
