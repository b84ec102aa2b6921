"""Hints of problems."""

from __future__ import annotations

from gateway.sources.suggestion import did_you_mean


def test_the_nearest_is_named_whatever_its_case() -> None:
    assert did_you_mean("getshipmnt", ["getShipment", "getOrder"]) == "did you mean `getShipment`?"


def test_a_few_are_listed_where_none_is_near() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "known here: `a`, `b`"


def test_nothing_is_said_of_many() -> None:
    assert did_you_mean("zzz", [f"name{number}" for number in range(9)]) is None
    assert did_you_mean("zzz", []) is None
