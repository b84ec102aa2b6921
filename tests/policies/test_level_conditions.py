"""Which level begins by itself: the worst whose condition is true, and nothing that is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.level_conditions import Condition, LevelConditions
from gateway.sdk import ExpressionFault, Reference, Scope

CIRCUITS: Reference = ("ctx", "open_circuits")


class Asks:
    """A condition that is a function."""

    constant = False
    source = ""

    def __init__(self, answer: Any, *references: Reference) -> None:
        self._answer = answer
        self.references = frozenset(references)
        self.asked = 0

    def __call__(self, scope: Scope, /) -> Any:
        self.asked += 1
        return self._answer(scope)


def more_than(count: int) -> Asks:
    return Asks(lambda scope: len(scope["ctx"]["open_circuits"]) > count, CIRCUITS)


def scope(*circuits: str, tenant: str = "acme") -> Scope:
    return {"user": {}, "tenant": {"id": tenant}, "config": {}, "ctx": {"open_circuits": list(circuits)}}


def conditions(**written: Asks) -> LevelConditions:
    return LevelConditions(Condition(level, when, f"p.yaml:{level}") for level, when in written.items())  # type: ignore[arg-type]


def test_the_worst_that_is_true_counts() -> None:
    of = conditions(reduced=more_than(0), static=more_than(1), maintenance=more_than(2))
    found = [of.find(scope(*circuits)) for circuits in ((), ("a",), ("a", "b"), ("a", "b", "c"))]
    assert [each.level for each in found] == ["full", "reduced", "static", "maintenance"]
    assert [each.place for each in found] == [None, "p.yaml:reduced", "p.yaml:static", "p.yaml:maintenance"]


@pytest.mark.parametrize("answer", [None, "yes", 1, [1]])
def test_what_is_not_known_to_be_true_raises_no_level(answer: Any) -> None:
    assert conditions(static=Asks(lambda _: answer)).find(scope()).level == "full"


def test_a_condition_that_fails_raises_no_level_and_hides_no_other() -> None:
    def fail(_: Scope) -> Any:
        raise ExpressionFault

    assert conditions(maintenance=Asks(fail), reduced=more_than(0)).find(scope("a")).level == "reduced"


def test_steady_conditions_are_asked_when_something_has_changed() -> None:
    when = more_than(0)
    of = conditions(static=when)
    assert of.steady
    closed, opened = scope(), scope("a")
    assert [of.find(closed).level for _ in range(3)] == ["full"] * 3
    assert when.asked == 1
    assert [of.find(opened).level for _ in range(3)] == ["static"] * 3
    assert when.asked == 2
    assert of.find(scope("a", tenant="zeta")).level == "static"
    assert (when.asked, of.find(opened).level, when.asked) == (3, "static", 3)


@pytest.mark.parametrize("reference", [("user", "id"), ("ctx", "channel"), ("ctx",), ("ctx", "time")])
def test_what_depends_on_the_request_is_asked_each_time(reference: Reference) -> None:
    when = Asks(lambda scope: scope["user"].get("vip") is True, reference, CIRCUITS)
    of = conditions(reduced=when, static=more_than(0))
    assert not of.steady
    calm = scope()
    assert [of.find(calm).level, of.find({**calm, "user": {"vip": True}}).level, of.find(calm).level] == ["full", "reduced", "full"]


def test_without_any_there_is_nothing_to_ask() -> None:
    assert not LevelConditions([])
    assert conditions(static=more_than(0))
