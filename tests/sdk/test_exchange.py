from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.sdk import Caller, Exchange, Tenant, user_root


def exchange() -> Exchange:
    tenant = Tenant("default", {"id": "default"})
    return Exchange(request_id="r1", started=1.0, time=datetime(2026, 11, 20, tzinfo=UTC), tenant=tenant, client_ip="10.0.0.1", host="h")


def test_nobody_has_no_scope() -> None:
    with pytest.raises(RuntimeError):
        exchange().policy_scope({})


def test_the_scope_of_policies() -> None:
    asked = exchange()
    asked.caller = Caller(("api_key", "", "u1"), user_root("u1", {"roles": ["a"]}))
    asked.locale = "de"
    scope = asked.policy_scope({"x": 1})
    assert scope["user"]["id"] == "u1"
    assert scope["config"] == {"x": 1}
    assert scope["tenant"] == {"id": "default"}
    assert scope["ctx"] == {
        "request_id": "r1", "channel": "api", "locale": "de", "client_ip": "10.0.0.1", "time": "2026-11-20T00:00:00+00:00", "host": "h",
        "open_circuits": [],
    }  # fmt: skip
    assert asked.caller.roles == ["a"]
    assert asked.policy_scope({}, ["erp"])["ctx"]["open_circuits"] == ["erp"]
