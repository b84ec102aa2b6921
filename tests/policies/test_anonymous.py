"""Callers without a credential."""

from __future__ import annotations

from gateway.policies.anonymous import component
from gateway.sdk import Caller
from tests.policies.exchanges import FakeServices, make_exchange


async def caller(client_ip: str) -> Caller:
    assert component.build is not None
    known = await component.build(component.Config(roles=["guest"]), FakeServices())(make_exchange(client_ip=client_ip))
    assert isinstance(known, Caller)
    return known


async def test_nobody_in_particular() -> None:
    known = await caller("192.0.2.1")
    assert (known.anonymous, known.user["id"], known.roles, known.user["scopes"]) == (True, None, ["guest"], [])


async def test_two_addresses_are_two_callers() -> None:
    assert (await caller("192.0.2.1")).key == (await caller("192.0.2.1")).key
    assert (await caller("192.0.2.1")).key != (await caller("192.0.2.2")).key


async def test_the_role_is_anonymous_where_none_is_written() -> None:
    assert component.Config().roles == ["anonymous"]
