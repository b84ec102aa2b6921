"""What each call sends, who may share its answer, and what holds for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.planner.explain.account import Line, Shared
from gateway.planner.explain.calls import kept_for, way
from gateway.sdk import DurationOrAuto
from gateway.sdk.source_config import ApiKeyAuth, BackendAuth, BasicAuth, Cache, IdentityHeader, OAuth2
from tests.planner.explain.folders import called


@pytest.mark.parametrize(
    ("operation", "shared", "sends"),
    [
        ("bare.plain", "tenant", ()),
        ("shop.plain", "equals", ("header accept-language",)),
        ("shop.mine", "caller", ("user.id", "header accept-language")),
        ("shop.order", "nobody", ("header accept-language",)),
        ("here.fact", "tenant", ()),
    ],
)
def test_who_may_share(tmp_path: Path, operation: str, shared: str, sends: tuple[str, ...]) -> None:
    (call,) = called(tmp_path, f"call: {operation}")
    assert (call.shared, call.sends, call.backend) == (shared, sends, operation != "here.fact")


@pytest.mark.parametrize(
    ("equals", "own", "narrower", "told"),
    [
        ("tenant", None, None, "tenant"),
        ("equals", "tenant", None, "equals"),
        ("tenant", "user", None, "caller"),
        ("equals", "public", None, "all"),
        ("tenant", "public", "tenant", "tenant"),
        ("tenant", "public", "user", "caller"),
        ("tenant", "tenant", "public", "tenant"),
        ("caller", "public", None, "caller"),
    ],
)
def test_who_is_given_what_is_kept(equals: Shared, own: Any, narrower: Any, told: str) -> None:
    caches = [None if scope is None else Cache(ttl=DurationOrAuto(1.0), scope=scope) for scope in (own, narrower)]
    assert kept_for(equals, *caches) == told


def test_a_scope_of_a_cache_is_told(tmp_path: Path) -> None:
    (mine,) = called(tmp_path, "call: shop.mine, cache: {ttl: 1s, scope: user}")
    assert mine.shared == "caller"


def test_lines_that_hold_with_their_places(tmp_path: Path) -> None:
    (call,) = called(tmp_path, "call: shop.plain, timeout: 50ms")
    assert call.policies == (
        Line("timeout 50ms", "specs/all.yaml:2"),
        Line("circuit_breaker slow (policies/b.yaml:3)", "specs/sources.yaml:7"),
        Line('forward ["Accept-Language"]', "specs/sources.yaml:5"),
    )


def test_an_operation_s_own_line_replaces_its_source_s(tmp_path: Path) -> None:
    (plain,) = called(tmp_path, "call: shop.plain")
    (mine,) = called(tmp_path, "call: shop.mine")
    assert plain.policies[0] == Line("timeout 100ms", "specs/sources.yaml:9")
    assert mine.policies[0] == Line("timeout 400ms", "specs/sources.yaml:6")
    assert mine.cache == Line('cache {"ttl": "30s", "scope": "user"}', "specs/sources.yaml:10")


def test_a_default_is_told_as_one(tmp_path: Path) -> None:
    (call,) = called(tmp_path, "call: bare.plain")
    assert call.policies == (Line("timeout 5s, by default", None),)


TRIED = """
source: tried
type: http
servers: ["http://127.0.0.1:9"]
timeout: 1s
retry: {max: 2}
operations:
  get: {request: GET /get, hedge: {delay: 100ms}}
  put: {request: POST /put}
  keyed: {request: POST /keyed, idempotency: {}}
"""


@pytest.mark.parametrize(
    ("operation", "told"), [("get", ["timeout", "retry", "hedge"]), ("put", ["timeout"]), ("keyed", ["timeout", "retry", "idempotency"])]
)
def test_further_tries_are_told_of_what_may_be_repeated(tmp_path: Path, operation: str, told: list[str]) -> None:
    (call,) = called(tmp_path, f"call: tried.{operation}", **{"specs/tried": TRIED.lstrip()})
    assert [line.text.partition(" ")[0] for line in call.policies] == told
    assert all(line.in_force for line in call.policies)


def test_rungs_call_too(tmp_path: Path) -> None:
    found = called(tmp_path, "call: shop.plain, fallback: [{return: 1, when: error.retryable}, {call: bare.plain}]")
    assert [(call.operation, call.rung) for call in found] == [("shop.plain", None), ("bare.plain", 1)]


def test_addresses_headers_and_the_environment_are_not_shown(tmp_path: Path) -> None:
    told = str([called(tmp_path, f"call: shop.{name}") for name in ("plain", "mine", "order")])
    assert "127.0.0.1" not in told
    assert "Authorization" not in told
    assert "k4n4ry" not in told


@pytest.mark.parametrize(
    ("auth", "told"),
    [
        ({"oauth2": OAuth2(token_url="k4n4ry", client_id="k4n4ry", client_secret="k4n4ry")}, "oauth2 client_credentials"),
        ({"basic": BasicAuth(username="k4n4ry", password="k4n4ry")}, "basic"),
        ({"api_key": ApiKeyAuth(value="k4n4ry")}, "api_key"),
        ({"identity_header": IdentityHeader(key="k4n4ry")}, "identity_header"),
        ({"forward_token": True}, "forward_token"),
    ],
)
def test_how_calls_are_proven_is_a_word(auth: dict[str, Any], told: str) -> None:
    assert way(BackendAuth(**auth)) == told


def test_whom_a_source_is_called_for_is_told(tmp_path: Path) -> None:
    (own,) = called(tmp_path, "call: trusted.plain")
    assert own.policies[0] == Line("auth api_key", "specs/sources.yaml:27")
    assert (own.shared, own.sends) == ("tenant", ())
    (callers,) = called(tmp_path, "call: personal.plain")
    assert callers.policies[0] == Line("auth forward_token", "specs/sources.yaml:33")
    assert (callers.shared, callers.sends) == ("caller", ("user.id", "header authorization"))


def test_credentials_of_tenants_are_told(tmp_path: Path) -> None:
    tenants = "tenants:\n  host: true\n  known:\n    acme: {auth: {bare: {basic: {username: k4n4ry, password: k4n4ry}}}}\n    zeta: {}\n"
    gateway = f"gateway: g\nidentity: [{{scenario: {{}}}}]\n{tenants}"
    (call,) = called(tmp_path, "call: bare.plain", gateway=gateway)
    assert call.policies[0] == Line("auth basic for tenant acme", "gateway.yaml:6")
