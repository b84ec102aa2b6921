"""What is collected of checks, and of those who were asked."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.runtime.evidence import Evidence, Look

SCOPE: dict[str, Any] = {"input": {"id": "1"}, "steps": {"a": 1}, "status": {"a": "ok"}, "meta": {}, "user": {"id": "ann"}}


def test_of_those_without_checks_one_is_enough() -> None:
    outer = Evidence("ask")
    first = outer.below("part", "p", SCOPE, checks=False)
    assert outer.below("part", "p", SCOPE, checks=False) is first
    assert outer.below("part", "q", SCOPE, checks=False) is not first
    assert [(inner.intent, inner.step, inner.steps) for inner in outer.inner] == [("part", "p", {}), ("part", "q", {})]


def test_what_those_ask_in_their_turn_is_not_lost() -> None:
    outer = Evidence("ask")
    outer.below("part", "p", SCOPE, checks=False).below("one", "x", SCOPE, checks=False)
    outer.below("part", "p", SCOPE, checks=False).below("two", "y", SCOPE, checks=False)
    assert [inner.intent for inner in outer.inner[0].inner] == ["one", "two"]


def test_those_with_checks_are_kept_each() -> None:
    outer = Evidence("ask")
    for number in range(3):
        outer.below("part", "p", {**SCOPE, "input": {"id": number}}, checks=True).looked("a", {"result": number})
    assert [inner.input for inner in outer.inner] == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert [inner.looks for inner in outer.inner] == [[Look("a", {"result": number})] for number in range(3)]
    assert outer.inner[0].steps is SCOPE["steps"]


def test_it_is_plain_data_without_the_caller() -> None:
    outer = Evidence("ask")
    outer.below("part", "p", SCOPE, checks=True).looked("a", {"result": {"x": [None, 1.5]}, "line": "b"})
    written = msgspec.msgpack.encode(outer)
    assert msgspec.msgpack.decode(written, type=Evidence) == outer
    assert b"ann" not in written


def test_nothing_is_shared_by_two() -> None:
    one, other = Evidence("ask"), Evidence("ask")
    one.looked("a", {})
    one.below("part", "p", SCOPE, checks=True)
    assert other == Evidence("ask", looks=[], inner=[])
