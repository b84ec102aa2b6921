"""Callers that the configuration itself describes."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.configured_user import configured_caller
from tests.policies.exchanges import FakeServices


def test_a_caller_has_every_name_that_expressions_count_on_and_its_own() -> None:
    services = FakeServices()
    caller = configured_caller("hmac", {"id": "shop", "roles": ["partner"], "region": "eu"}, "default", path=(), services=services)
    assert caller is not None
    assert (caller.key, caller.tenant, caller.roles) == (("hmac", "", "shop"), "default", ["partner"])
    assert (caller.user["region"], caller.user["groups"], caller.user["acr"]) == ("eu", [], None)
    assert not services.problems


@pytest.mark.parametrize("roles", ["admin", {"admin": True}, ["admin", None], ["admin", 7], 7, None])
def test_a_list_that_is_none_is_reported_and_knows_nobody(roles: Any) -> None:
    services = FakeServices()
    assert configured_caller("hmac", {"id": "shop", "roles": roles}, None, path=("keys", 2), services=services) is None
    assert services.problems == [("GW522", ("keys", 2, "user", "roles"))]


@pytest.mark.parametrize("identity", [None, "", 7, ["shop"]])
def test_a_user_has_an_id(identity: Any) -> None:
    services = FakeServices()
    assert configured_caller("hmac", {"id": identity}, None, path=("keys", 2), services=services) is None
    assert services.problems == [("GW522", ("keys", 2, "user"))]
