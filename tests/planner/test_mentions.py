"""Names that texts mention."""

from __future__ import annotations

import pytest

from gateway.planner.mentions import Mentions, without


def mentions(*texts: str) -> Mentions:
    found = Mentions("config", "input")
    found.add({"a": {"b": list(texts), "config.key": 1}})
    return found


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("${ config.states }", True),
        ("config.states.en", True),
        ("config", True),
        ("lookup(config.states, input.code)", True),
        ("config.states[0].name", True),
        ('config."odd name"', True),  # which name it is can't be told: all of them
        ("config.state", False),
        ("config.states_old", False),
        ("tenant.config.states", False),
        ("my_config.states", False),
        ("reconfig.states", False),
        ("configuration.states", False),
        ("states", False),
        ("Überconfig.states", False),
    ],
)
def test_what_is_read(text: str, read: bool) -> None:
    assert mentions(text).reads("config", "states") is read


def test_what_holds_something_that_is_read_is_read() -> None:
    found = mentions("config.states.en")
    assert found.reads("config")
    assert found.reads("config", "states", "en", "short")
    assert not found.reads("config", "states", "de")
    assert not found.reads("input")


def test_keys_are_no_texts() -> None:
    found = Mentions("config")
    found.add({"config.states": 1, "x": [{"config": None}, 2.5, True]})
    assert list(found.all()) == []


def test_others_are_taken_over_by_root() -> None:
    found, other = mentions("config.a"), mentions("config.b", "input.c")
    found.merge(other, "config")
    assert list(found.all()) == [("config", "a"), ("config", "b")]


def test_without_some_keys() -> None:
    assert without({"summary": "config.a", "steps": 1}, {"summary", "missing"}) == {"steps": 1}
