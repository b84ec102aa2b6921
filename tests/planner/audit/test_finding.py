from __future__ import annotations

import pytest

from gateway.planner.audit.catalogue import Severity
from gateway.planner.audit.finding import Finding, at_least
from gateway.sdk import Place

HIGH, MEDIUM, LOW = (Finding(code, "x", Place("a.yaml", 1, 2, 3), ("b", 0)) for code in ("GA301", "GA201", "GA701"))


@pytest.mark.parametrize(("threshold", "counted"), [("high", [HIGH]), ("medium", [HIGH, MEDIUM]), ("low", [HIGH, MEDIUM, LOW])])
def test_at_least(threshold: Severity, counted: list[Finding]) -> None:
    assert at_least([HIGH, MEDIUM, LOW], threshold) == counted


def test_as_json() -> None:
    assert LOW.as_json() == {
        "code": "GA701",
        "severity": "low",
        "title": "Nobody can see how it runs",
        "file": "a.yaml",
        "line": 1,
        "column": 2,
        "end": 3,
        "path": ["b", 0],
        "message": "x",
        "why": "Without metrics, failures and slowness are first noticed by callers.",
        "advice": "take `metrics: false` out.",
    }
