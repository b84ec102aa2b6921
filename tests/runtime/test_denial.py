from __future__ import annotations

from gateway.runtime.denial import Denied
from gateway.sdk import Forbidden, GatewayError


def test_no_ladder_can_catch_a_denial() -> None:
    denied = Denied(Forbidden(), "specs/a.yaml:7", "order")
    assert not isinstance(denied, GatewayError)
    assert (denied.error.code, denied.place, denied.step) == ("forbidden", "specs/a.yaml:7", "order")
    assert denied.reason == "a check does not hold"
    assert Denied(Forbidden(), "specs/a.yaml:7", reason="intent pay: no").reason == "intent pay: no"
