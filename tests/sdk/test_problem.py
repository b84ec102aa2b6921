from __future__ import annotations

from gateway.sdk import Place, Problem


def test_the_flat_record_of_a_problem() -> None:
    place = Place("specs/a.yaml", 17, 5, 11)
    problem = Problem("GW101", "error", "unknown key", place, ("steps", "order", 0), "did you mean `timeout`?", fix="timeout")
    assert problem.as_json() == {
        "code": "GW101", "severity": "error", "file": "specs/a.yaml", "line": 17, "column": 5, "end": 11, "path": ["steps", "order", 0],
        "message": "unknown key", "hint": "did you mean `timeout`?", "fix": "timeout",
    }  # fmt: skip
    assert "fix" not in Problem("GW101", "error", "x", place).as_json()
