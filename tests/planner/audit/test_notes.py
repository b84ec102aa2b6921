from __future__ import annotations

from gateway.planner.audit.notes import Notes
from tests.planner.folders import document


def test_order_does_not_depend_on_who_found_it_first() -> None:
    written = document("intent: a\nsteps: {x: 1, y: 2}\n")
    notes = Notes()
    for code, path in [("GA702", ()), ("GA206", ("steps", "y")), ("GA301", ("steps", "y")), ("GA206", ("steps", "x"))]:
        notes.add(code, "told", written, path)
    assert [(finding.code, finding.place.line, finding.place.column) for finding in notes.in_order()] == [
        ("GA301", 2, 18),
        ("GA206", 2, 12),
        ("GA206", 2, 18),
        ("GA702", 1, 1),
    ]


def test_the_same_at_the_same_place_is_told_once() -> None:
    written = document("intent: a\n")
    notes = Notes()
    notes.add("GA702", "first", written)
    notes.add("GA702", "second", written)
    assert [finding.message for finding in notes.in_order()] == ["first"]
