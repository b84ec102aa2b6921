"""Who gets in: a presented credential that can't be verified is never anonymous."""

from __future__ import annotations

import pytest

from gateway.policies.authenticate import AuthenticateConfig, component
from gateway.sdk import Authenticator, Caller, Exchange, Unauthorized
from tests.policies.exchanges import FakeServices, make_caller, make_exchange, pass_on


class Known:
    """Knows one value of one header; gives None, or refuses, for others."""

    def __init__(self, header: str, value: str, caller: Caller, *, refuses: bool = True) -> None:
        self.reads = frozenset({header})
        self._header, self._value, self._caller, self._refuses = header, value, caller, refuses

    async def __call__(self, exchange: Exchange) -> Caller | None:
        if exchange.headers.get(self._header) == self._value:
            return self._caller
        if self._refuses:
            raise Unauthorized
        return None


class Anyone:
    reads: frozenset[str] = frozenset()

    async def __call__(self, exchange: Exchange) -> Caller | None:
        return make_caller("anonymous", anonymous=True)


KEY = Known("x-api-key", "k", make_caller("customer", name="by_key"))
TOKEN = Known("authorization", "Bearer t", make_caller("customer", name="by_token"), refuses=False)
OPAQUE = Known("authorization", "Bearer o", make_caller("customer", name="by_opaque"))


async def identify(headers: dict[str, str], *authenticators: Authenticator) -> Exchange:
    assert component.build is not None
    exchange = make_exchange(headers=headers)
    stage = component.build(AuthenticateConfig(authenticators), FakeServices(config={"states": {}}))
    await stage(exchange, pass_on)
    return exchange


async def test_a_credential_brings_its_caller_and_the_policy_scope() -> None:
    exchange = await identify({"x-api-key": "k"}, KEY, Anyone())
    assert exchange.caller is not None
    assert exchange.caller.user["id"] == "by_key"
    assert exchange.scope is not None
    assert exchange.scope.keys() == {"user", "tenant", "ctx", "config"}
    assert exchange.scope["config"] == {"states": {}}


@pytest.mark.parametrize(("token", "name"), [("t", "by_token"), ("o", "by_opaque")])
async def test_kinds_that_read_one_header_are_asked_in_order(token: str, name: str) -> None:
    exchange = await identify({"authorization": f"Bearer {token}"}, TOKEN, OPAQUE)
    assert exchange.caller is not None
    assert exchange.caller.user["id"] == name


async def test_without_a_credential_a_caller_is_anonymous_where_that_is_allowed() -> None:
    exchange = await identify({"accept": "*/*"}, KEY, Anyone())
    assert exchange.caller is not None
    assert exchange.caller.anonymous


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"x-api-key": "wrong"}, id="wrong key"),
        pytest.param({"x-api-key": ""}, id="empty key"),
        pytest.param({"authorization": "Bearer t"}, id="nobody reads tokens"),
        pytest.param({"authorization": "Basic dTpw"}, id="another scheme"),
        pytest.param({"authorization": "Bearer t", "x-api-key": "k"}, id="two at once"),
    ],
)
async def test_a_presented_credential_is_never_anonymous(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized):
        await identify(headers, KEY, Anyone())


async def test_a_credential_in_a_header_of_ones_own_does_not_hide_another() -> None:
    shop = Known("x-shop-key", "k", make_caller("customer"))
    assert (await identify({"x-shop-key": "k"}, shop, Anyone())).caller is not None
    with pytest.raises(Unauthorized):
        await identify({"x-shop-key": "k", "x-api-key": "k"}, shop, Anyone())


@pytest.mark.parametrize("authenticators", [(), (KEY,), (TOKEN,)])
async def test_without_anonymous_nobody_gets_in_without_a_credential(authenticators: tuple[Authenticator, ...]) -> None:
    with pytest.raises(Unauthorized):
        await identify({}, *authenticators)
