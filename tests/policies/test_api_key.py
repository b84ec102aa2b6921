"""Keys of which only the hash is known here: who gets in, and which configurations are refused."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from gateway.policies.api_key import ApiKeyConfig, ApiKeys, component
from gateway.sdk import Unauthorized
from tests.policies.exchanges import FakeServices, make_exchange


def hash_of(key: str) -> str:
    return f"sha256:{sha256(key.encode()).hexdigest()}"


def build(services: FakeServices, *keys: dict[str, Any], header: str = "X-API-Key") -> ApiKeys:
    assert component.build is not None
    config = msgspec.convert({"header": header, "keys": list(keys)}, ApiKeyConfig)
    built = component.build(config, services)
    assert isinstance(built, ApiKeys)
    return built


def key(secret: str, **user: Any) -> dict[str, Any]:
    return {"hash": hash_of(secret), "user": {"id": "shop", "roles": ["customer"], **user}}


async def test_a_known_key_brings_its_holder() -> None:
    services = FakeServices()
    keys = build(services, key("k1", customer_id="C1"), key("k2"), {**key("k3"), "tenant": "default"})
    caller = await keys(make_exchange(headers={"x-api-key": "k1"}))
    assert caller is not None
    assert caller.key == ("api_key", "", "shop")
    assert (caller.user["customer_id"], caller.roles, caller.user["groups"]) == ("C1", ["customer"], [])
    second, third = [await keys(make_exchange(headers={"x-api-key": name})) for name in ("k2", "k3")]
    assert second is not None
    assert third is not None
    assert second.key == third.key == caller.key
    assert services.problems == []


@pytest.mark.parametrize("presented", ["", "k", "K1", "k1 ", "k1, k1", hash_of("k1"), sha256(b"k1").hexdigest(), "\xff", "\u20ac"])
async def test_any_other_key_is_refused(presented: str) -> None:
    with pytest.raises(Unauthorized):
        await build(FakeServices(), key("k1"))(make_exchange(headers={"x-api-key": presented}))


async def test_no_key_is_no_credential_of_this_kind() -> None:
    assert await build(FakeServices(), key("k1"))(make_exchange(headers={})) is None


async def test_the_header_is_as_configured() -> None:
    keys = build(FakeServices(), key("k1"), header="X-Shop-Key")
    assert keys.reads == {"x-shop-key"}
    assert await keys(make_exchange(headers={"x-shop-key": "k1"})) is not None


@pytest.mark.parametrize(
    "written", ["sha256:abc", "md5:" + "a" * 32, "a" * 64, "sha256:" + "A" * 64, "sha256:" + "g" * 64, f"{hash_of('x')}\n", ""]
)
def test_an_unusable_hash_is_reported(written: str) -> None:
    services = FakeServices()
    build(services, {"hash": written, "user": {"id": "shop"}})
    assert services.problems == [("GW520", ("keys", 0, "hash"))]


@pytest.mark.parametrize(
    ("user", "path"),
    [
        ({}, ("keys", 0, "user")),
        ({"id": ""}, ("keys", 0, "user")),
        ({"id": 7}, ("keys", 0, "user")),
        ({"id": "a", "roles": "admin"}, ("keys", 0, "user", "roles")),
        ({"id": "a", "scopes": [1]}, ("keys", 0, "user", "scopes")),
    ],
)
async def test_an_unusable_user_is_reported_and_knows_nobody(user: dict[str, Any], path: tuple[str | int, ...]) -> None:
    services = FakeServices()
    keys = build(services, {"hash": hash_of("k"), "user": user})
    assert services.problems == [("GW522", path)]
    with pytest.raises(Unauthorized):
        await keys(make_exchange(headers={"x-api-key": "k"}))


async def test_a_tenant_that_is_not_there_is_reported_and_its_caller_unknown() -> None:
    services = FakeServices()
    keys = build(services, {**key("k"), "tenant": "amce"})
    assert services.problems == [("GW513", ("keys", 0, "tenant"))]
    with pytest.raises(Unauthorized):
        await keys(make_exchange(headers={"x-api-key": "k"}))


def test_one_key_for_two_callers_is_reported() -> None:
    services = FakeServices()
    build(services, key("k"), key("k", id="other"))
    assert services.problems == [("GW521", ("keys", 1, "hash"))]


@pytest.mark.parametrize(
    ("expires", "lets_in"),
    [
        ("2026-11-20T12:00:01Z", True),
        ("2026-11-20T13:00:01+01:00", True),
        ("2026-11-20T12:00:00Z", False),
        ("2026-11-20T12:59:59+01:00", False),
        ("2020-01-01T00:00:00Z", False),
    ],
)
async def test_a_key_ends_with_its_time(expires: str, lets_in: bool) -> None:
    """It is noon."""
    services = FakeServices()
    keys = build(services, {**key("k"), "expires": expires}, key("other"))
    asked = keys(make_exchange(headers={"x-api-key": "k"}))
    if lets_in:
        assert await asked is not None
    else:
        with pytest.raises(Unauthorized) as caught:
            await asked
        assert caught.value.reason == "expired key"
    assert services.problems == ([] if lets_in else [("GW523", ("keys", 0, "expires"))])
    assert await keys(make_exchange(headers={"x-api-key": "other"})) is not None


async def test_a_date_that_there_is_not_is_reported_and_its_key_refused() -> None:
    services = FakeServices()
    keys = build(services, {**key("k"), "expires": "2026-02-30T00:00:00Z"})
    assert services.problems == [("GW522", ("keys", 0, "expires"))]
    with pytest.raises(Unauthorized):
        await keys(make_exchange(headers={"x-api-key": "k"}))


@pytest.mark.parametrize("expires", ["2026-11-20", "2026-11-20T12:00:00", "soon", "2026-11-20 12:00:00Z", "2026-11-20T12:00Z"])
def test_a_date_without_time_or_zone_is_no_configuration(expires: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        build(FakeServices(), {**key("k"), "expires": expires})
