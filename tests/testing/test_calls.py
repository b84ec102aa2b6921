"""Calls for tests."""

from __future__ import annotations

from time import monotonic

from gateway.testing import call_of


def test_a_call_has_all_that_an_operation_reads() -> None:
    call = call_of("track", {"a": 1}, seconds=5, user={"id": "u2", "mail": "m"}, headers={"x": "y"}, idempotency_key="k")
    assert (call.operation, call.arguments, call.idempotency_key) == ("track", {"a": 1}, "k")
    assert 4 < call.deadline - monotonic() <= 5
    assert call.context.scope.keys() == {"user", "tenant", "ctx", "config"}
    assert call.context.scope["user"]["mail"] == "m"
    assert call.context.identity[0] == "default"
    assert call.context.identity[-1] == "u2"


def test_calls_share_nothing() -> None:
    arguments = {"a": 1}
    first, second = call_of("x", arguments), call_of("x", arguments)
    first.arguments["a"] = 2
    first.context.scope["user"]["roles"].append("agent")
    assert second.arguments == arguments == {"a": 1}
    assert second.context.scope["user"]["roles"] == []
