from __future__ import annotations

from gateway.sdk import Course
from gateway.testing import call_of


def test_a_copy_differs_only_in_what_was_given() -> None:
    call = call_of("erp.order", {"id": "1"}, idempotency_key="k")
    other = call.replace(arguments={"id": "2"}, deadline=9.0)
    assert (other.operation, other.arguments, other.deadline, other.idempotency_key) == ("erp.order", {"id": "2"}, 9.0, "k")
    assert call.arguments == {"id": "1"}
    assert other.context is call.context
    assert call.replace(operation="erp.orders").operation == "erp.orders"
    assert call.replace(arguments={}).arguments == {}


def test_a_call_that_is_answered_by_another_follows_what_is_true_of_the_answer() -> None:
    one, other = Course(), Course()
    other.cached, other.stale, other.born, other.attempts, other.hedges = True, True, 7.0, 2, 1
    one.follow(other)
    assert (one.cached, one.stale, one.born, one.attempts, one.hedges) == (True, True, 7.0, 0, 0)
    other.follow(Course())
    assert (other.cached, other.stale, other.born) == (True, True, 7.0)
