"""What loading gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.loaded import Loaded, Parsed
from gateway.sdk.problem import Place, Problem
from tests.config.yaml_texts import document

PLACE = Place("a.yaml", 1, 1, 1)


@pytest.mark.parametrize(("severities", "ok"), [([], True), (["warning"], True), (["warning", "error"], False)])
def test_warnings_are_no_errors(severities: list[str], ok: bool) -> None:
    loaded = Loaded(Path())
    loaded.problems = [Problem("GW101", severity, "x", PLACE) for severity in severities]  # type: ignore[arg-type]
    assert loaded.ok is ok


def test_names_are_those_of_models_and_of_what_is_broken() -> None:
    loaded = Loaded(Path())
    loaded.transforms["a"] = Parsed("transform", "a", object(), document("transform: a"))  # type: ignore[arg-type]
    loaded.broken = frozenset({("transform", "b"), ("source", "c")})
    assert loaded.names("transform") == {"a", "b"}


def test_a_file_of_which_nothing_is_known_leaves_it_incomplete() -> None:
    loaded = Loaded(Path())
    assert loaded.complete
    loaded.broken = frozenset({("file", "specs/a.yaml")})
    assert not loaded.complete
    assert loaded.names("source") == frozenset()


def test_the_representation_shows_no_values() -> None:
    parsed = Parsed("source", "a", "hidden", document("source: a\nurl: hidden\n"))
    assert repr(parsed) == "Parsed(source 'a', Document('a.yaml', line 1))"
