"""What a plan's addresses are, and which no route may take."""

from __future__ import annotations

import pytest

from gateway.runtime.addresses import RESERVED
from gateway.runtime.plan import RoutePlan
from gateway.server.paths import segments_of
from gateway.server.router import Found
from gateway.server.serving import Serving
from gateway.server.user_routes import UserRoute
from tests.server.gateways import make_intent, make_plan


def route(path: str, *methods: str) -> RoutePlan:
    return RoutePlan(name="r", methods=methods or ("GET",), path=path, intent=make_intent())


def test_routes_stand_beside_the_gateways_own_addresses() -> None:
    serving = Serving(make_plan(routes=(route("/orders/{order_id}", "GET", "POST"),)))
    for method, path in [
        ("POST", "/v1/chat"),
        ("GET", "/v1/intents"),
        ("POST", "/v1/intents/x"),
        ("GET", "/orders/1"),
        ("POST", "/orders/1"),
    ]:
        found = serving.find(method, segments_of(path.encode()))
        assert isinstance(found, Found)
        assert isinstance(found.target, UserRoute) == path.startswith("/orders")


@pytest.mark.parametrize("path", [*RESERVED, "/v1/chat", "/v1/mine", "/admin/x"])
def test_reserved_addresses_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="belongs to the gateway"):
        Serving(make_plan(routes=(route(path),)))


def test_a_general_route_takes_no_reserved_address() -> None:
    serving = Serving(make_plan(routes=(route("/{page}", "GET", "POST"), route("/{a}/{b}", "GET"), route("/**", "PUT"))))
    for path in RESERVED:
        for method in ("GET", "POST", "PUT"):
            assert serving.find(method, segments_of(path.encode())) == ()
    assert serving.find("GET", ("v1", "chat")) == ("POST",)
    assert isinstance(serving.find("GET", ("v10",)), Found)
    assert isinstance(serving.find("PUT", ("",)), Found)


def test_two_routes_at_one_address_are_refused() -> None:
    with pytest.raises(ValueError, match="already taken"):
        Serving(make_plan(routes=(route("/a/{x}"), route("/a/{y}"))))
