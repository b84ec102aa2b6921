from __future__ import annotations

from gateway.sdk import Answer, ErrorEntry, Timeout


def test_the_error_root_names_the_step_that_failed() -> None:
    failed = Answer("failed", errors=[ErrorEntry("order", "timeout", "late")], error=Timeout(detail_code="x"))
    assert failed.error_root() == {"code": "timeout", "detail_code": "x", "status_code": None, "retryable": True, "step": "order"}
    assert Answer("failed", error=Timeout()).error_root() == Timeout().root(None)
    assert Answer("complete").error_root() is None


def test_answers_share_nothing() -> None:
    one, other = Answer("complete"), Answer("complete")
    one.errors.append(ErrorEntry(None, "timeout", "late"))
    assert other.errors == []
