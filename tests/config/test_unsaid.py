"""Values of the environment stay out of problems."""

from __future__ import annotations

from gateway.config.unsaid import unsaid
from gateway.sdk.problem import Path, Place, Problem

PLACE = Place("a.yaml", 1, 1, 1)
DATA = {"url": "hidden-value", "port": 7, "list": ["other-value"]}
FILLED: frozenset[Path] = frozenset({("url",), ("port",), ("list", 0)})


def problem(path: Path, message: str = "`hidden-value` and other-value don't fit", **more: str) -> Problem:
    return Problem("GW104", "error", message, PLACE, path, **more)


def test_at_a_filled_path_the_words_are_ours() -> None:
    (found,) = unsaid([problem(("url",), hint="use hidden-value", help="hidden", fix="hidden-value")], DATA, FILLED)
    assert (found.code, found.place, found.path) == ("GW104", PLACE, ("url",))
    assert found.message == "the value given here by the environment doesn't fit this key"
    assert (found.hint, found.help, found.fix) == (None, None, None)


def test_a_unit_that_lacks_is_told() -> None:
    (found,) = unsaid([Problem("GW105", "error", "`hidden-value` is no duration", PLACE, ("url",))], DATA, FILLED)
    assert found.message == "the value given here by the environment lacks a unit that is known"


def test_elsewhere_the_values_are_blotted_out() -> None:
    (found,) = unsaid([problem((), hint="use hidden-value", help="7 of hidden-value")], DATA, FILLED)
    assert (found.message, found.hint, found.help) == ("`…` and … don't fit", "use …", "7 of …")


def test_without_filled_paths_nothing_changes() -> None:
    assert unsaid([problem(("url",))], DATA, frozenset()) == [problem(("url",))]
