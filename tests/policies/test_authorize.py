"""Default is deny."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.authorize import component
from gateway.sdk import Access, Decision, Exchange, ExpressionFault, Forbidden, GatewayError, NotFound, Scope, Unauthorized
from tests.policies.exchanges import FakeCard, FakeServices, identified, make_caller, pass_on


class When:
    """A compiled condition."""

    references: frozenset[Any] = frozenset()
    constant = False
    source = ""

    def __init__(self, result: Any) -> None:
        self.result = result

    def __call__(self, scope: Scope) -> Any:
        if isinstance(self.result, GatewayError):
            raise self.result
        return self.result


DENY = Decision(False, "policies/roles.yaml:7", "contractors see no billing", "rule")


async def authorize(exchange: Exchange, services: FakeServices | None = None) -> None:
    assert component.build is not None
    await component.build(component.Config(), services or FakeServices())(exchange, pass_on)


async def test_a_role_that_is_allowed_passes() -> None:
    await authorize(identified(make_caller("customer"), chosen=FakeCard("track_order")))


@pytest.mark.parametrize(
    "access",
    [
        Access(frozenset()),
        Access(frozenset({"agent"})),
        Access(frozenset({"customer"}), scopes=frozenset({"orders:read"})),
        Access(frozenset({"customer"}), when=When(None)),
        Access(frozenset({"customer"}), when=When(False)),
        Access(frozenset({"customer"}), when=When("yes")),
        Access(frozenset({"customer"}), when=When(ExpressionFault())),
    ],
)
async def test_anything_else_is_forbidden(access: Access) -> None:
    with pytest.raises(Forbidden):
        await authorize(identified(make_caller("customer"), chosen=FakeCard("track_order", access=access)))


async def test_who_has_not_said_who_they_are_is_asked() -> None:
    with pytest.raises(Unauthorized):
        await authorize(identified(make_caller("anonymous", anonymous=True), chosen=FakeCard("track_order")))


async def test_scopes_and_condition_may_hold() -> None:
    access = Access(frozenset({"customer"}), scopes=frozenset({"orders:read"}), when=When(True))
    await authorize(identified(make_caller("customer", scopes=("orders:read", "x")), chosen=FakeCard("track_order", access=access)))


@pytest.mark.parametrize("roles", [("partner",), ("customer",), ()])
async def test_a_routes_own_access_must_permit_besides_the_intents(roles: tuple[str, ...]) -> None:
    partners = Access(frozenset({"partner"}))
    await authorize(identified(make_caller("partner", "customer"), chosen=FakeCard("track_order"), access=partners))
    with pytest.raises(Forbidden):
        await authorize(identified(make_caller(*roles), chosen=FakeCard("track_order"), access=partners))


async def test_a_version_needs_a_permission_and_must_be_there() -> None:
    def pinned(version: int) -> Exchange:
        return identified(make_caller("customer"), chosen=FakeCard("track_order", version=2), version=version)

    pinning = FakeServices(permissions=frozenset({"release:pin"}))
    await authorize(pinned(2), pinning)
    with pytest.raises(NotFound):
        await authorize(pinned(1), pinning)
    with pytest.raises(Forbidden):
        await authorize(pinned(2))


async def test_the_line_that_allows_is_noted() -> None:
    allow = Decision(True, "policies/roles.yaml:4", "role customer: allow intent:track_order")
    access = Access(frozenset({"customer"}), grants={"customer": allow})
    exchange = identified(make_caller("customer"), chosen=FakeCard("track_order", access=access), access=Access(frozenset({"customer"})))
    services = FakeServices()
    await authorize(exchange, services)
    assert exchange.notes["decision"] is allow
    assert services.metrics.total("gateway_refusals_total") == 0


@pytest.mark.parametrize("at_route", [False, True])
async def test_the_line_that_denies_is_noted_and_counted(at_route: bool) -> None:
    denying = Access(frozenset(), grants={}, denied={"contractor": DENY})
    chosen = FakeCard("billing") if at_route else FakeCard("billing", access=denying)
    exchange = identified(make_caller("customer", "contractor"), chosen=chosen, access=denying if at_route else None)
    services = FakeServices()
    with pytest.raises(Forbidden):
        await authorize(exchange, services)
    assert exchange.notes["decision"] is DENY
    assert services.metrics.total("gateway_refusals_total", intent="billing", cause="rule") == 1


async def test_a_caller_who_could_sign_in_more_strongly_is_told_how() -> None:
    access = Access(frozenset({"customer"}), acr=("mfa",))
    with pytest.raises(Unauthorized) as refused:
        await authorize(identified(make_caller("customer"), chosen=FakeCard("pay", access=access)))
    assert refused.value.challenges == ('Bearer error="insufficient_user_authentication", acr_values="mfa"',)


async def test_who_may_not_pin_is_told_apart_from_who_may_not_at_all() -> None:
    exchange = identified(make_caller("customer"), chosen=FakeCard("track_order"), version=1)
    with pytest.raises(Forbidden):
        await authorize(exchange)
    assert exchange.notes["decision"].reason == "nothing allows release:pin"
