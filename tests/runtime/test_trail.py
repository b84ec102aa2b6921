from __future__ import annotations

import pytest

from gateway.runtime.frame import SubResult
from gateway.runtime.trail import Trail, verdict
from gateway.sdk import Course, ErrorEntry, Unavailable


def trail(*what: str) -> Trail:
    made = Trail("step", "erp", "order")
    for each in what:
        if each == "ok":
            made.called(Course())
        elif each == "stale":
            course = Course()
            course.cached = course.stale = True
            made.called(course)
        elif each == "returned":
            made.returned(0, Unavailable())
        elif each == "missed":
            made.missed(Unavailable())
    return made


@pytest.mark.parametrize(
    ("trails", "status", "level"),
    [
        ([], "complete", "full"),
        ([["ok"], ["ok"]], "complete", "full"),
        ([["ok"], []], "complete", "full"),
        ([["ok"], ["stale"]], "complete", "reduced"),
        ([["ok"], ["returned"]], "partial", "reduced"),
        ([["ok"], ["missed"]], "partial", "reduced"),
        ([["stale"], ["missed"]], "partial", "reduced"),
        ([["returned"]], "degraded", "static"),
        ([["returned"], ["missed"]], "degraded", "static"),
        ([["missed"]], "partial", "reduced"),
    ],
)
def test_the_worst_wins(trails: list[list[str]], status: str, level: str) -> None:
    assert verdict([trail(*each) for each in trails]) == (status, level)


def test_a_steps_status() -> None:
    assert [trail("ok").status(), trail("stale").status(), trail("returned").status(), trail("ok", "missed").status()] == [
        "ok", "stale", "fallback", "partial",
    ]  # fmt: skip


def test_a_sub_intents_errors_stand_under_the_step_that_asked() -> None:
    made = Trail("outer")
    made.asked(SubResult(1, [ErrorEntry("inner", "timeout", "late", path="/3")], static=False, stale=False))
    assert [(entry.step, entry.path, entry.code) for entry in made.entries] == [("outer", "/inner/3", "timeout")]
    assert made.status() == "partial"
