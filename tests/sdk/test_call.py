from __future__ import annotations

from gateway.testing import call_of


def test_a_copy_differs_only_in_what_was_given() -> None:
    call = call_of("erp.order", {"id": "1"}, idempotency_key="k")
    other = call.replace(arguments={"id": "2"}, deadline=9.0)
    assert (other.operation, other.arguments, other.deadline, other.idempotency_key) == ("erp.order", {"id": "2"}, 9.0, "k")
    assert call.arguments == {"id": "1"}
    assert other.context is call.context
    assert call.replace(operation="erp.orders").operation == "erp.orders"
    assert call.replace(arguments={}).arguments == {}
