"""Who gets in: a presented credential that can't be verified is never anonymous."""

from __future__ import annotations

from contextlib import suppress

import pytest

from gateway.policies.authenticate import AuthenticateConfig, component
from gateway.sdk import CONNECTION, Answer, Authenticator, Caller, Exchange, Handler, Unauthorized, Unavailable
from tests.policies.exchanges import FakeServices, answering, make_caller, make_exchange, pass_on, raising


class Known:
    """Knows one value of one header; gives None, or refuses, for others."""

    def __init__(self, header: str, value: str, caller: Caller, *, refuses: bool = True, challenge: str = "") -> None:
        self.reads = frozenset({header})
        self.challenge = challenge
        self._header, self._value, self._caller, self._refuses = header, value, caller, refuses

    async def __call__(self, exchange: Exchange) -> Caller | None:
        if exchange.headers.get(self._header) == self._value:
            return self._caller
        if self._refuses:
            raise Unauthorized(reason="unknown value")
        return None


class Signed:
    """A credential that is made up of two headers."""

    reads = frozenset({"x-signature", "x-key-id"})
    challenge = ""

    async def __call__(self, exchange: Exchange) -> Caller | None:
        if self.reads <= exchange.headers.keys():
            return make_caller("partner", name="by_signature")
        raise Unauthorized


class Away:
    """Can't verify anything now."""

    reads = frozenset({"authorization"})
    challenge = ""

    async def __call__(self, exchange: Exchange) -> Caller | None:
        raise Unavailable


class Shown:
    """Knows one certificate of the connection."""

    reads = frozenset({CONNECTION})
    challenge = ""

    async def __call__(self, exchange: Exchange) -> Caller | None:
        if exchange.certificate == "shop":
            return make_caller("partner", name="by_certificate")
        raise Unauthorized(reason="another certificate")


class Anyone:
    reads: frozenset[str] = frozenset()
    challenge = ""

    async def __call__(self, exchange: Exchange) -> Caller | None:
        return make_caller("anonymous", anonymous=True)


KEY = Known("x-api-key", "k", make_caller("customer", name="by_key"), challenge='ApiKey realm="gateway"')
TOKEN = Known("authorization", "Bearer t", make_caller("customer", name="by_token"), refuses=False, challenge='Bearer realm="gateway"')
OPAQUE = Known("authorization", "Bearer o", make_caller("customer", name="by_opaque"), challenge='Bearer realm="gateway"')


async def identify(
    headers: dict[str, str], *authenticators: Authenticator, services: FakeServices | None = None, proceed: Handler = pass_on
) -> Exchange:
    assert component.build is not None
    exchange = make_exchange(headers=headers)
    named = tuple((type(authenticator).__name__.lower(), authenticator) for authenticator in authenticators)
    stage = component.build(AuthenticateConfig(named), services or FakeServices(config={"states": {}}))
    exchange.answer = await stage(exchange, proceed)
    return exchange


async def refused(headers: dict[str, str], *authenticators: Authenticator, services: FakeServices | None = None) -> Unauthorized:
    with pytest.raises(Unauthorized) as caught:
        await identify(headers, *authenticators, services=services)
    return caught.value


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


async def test_several_headers_may_make_up_one_credential() -> None:
    exchange = await identify({"x-signature": "s", "x-key-id": "k"}, KEY, Signed(), Anyone())
    assert exchange.caller is not None
    assert exchange.caller.user["id"] == "by_signature"


@pytest.mark.parametrize("headers", [{"x-key-id": "k"}, {"x-signature": "s"}, {"x-signature": "s", "x-key-id": "k", "x-api-key": "k"}])
async def test_half_a_credential_and_one_too_many_are_refused(headers: dict[str, str]) -> None:
    await refused(headers, KEY, Signed(), Anyone())


@pytest.mark.parametrize(
    ("certificate", "headers", "kinds", "name"),
    [
        ("shop", {}, (Shown(), KEY, Anyone()), "by_certificate"),
        ("stranger", {}, (Shown(), KEY, Anyone()), None),
        (None, {}, (Shown(), KEY, Anyone()), "anonymous"),
        ("shop", {"x-api-key": "k"}, (Shown(), KEY, Anyone()), None),
        ("shop", {"x-api-key": "k"}, (KEY, Anyone()), "by_key"),
        ("shop", {}, (KEY, Anyone()), "anonymous"),
    ],
)
async def test_a_certificate_is_a_credential_where_somebody_reads_it(
    certificate: str | None, headers: dict[str, str], kinds: tuple[Authenticator, ...], name: str | None
) -> None:
    exchange = make_exchange(headers=headers, certificate=certificate)
    assert component.build is not None
    config = AuthenticateConfig(tuple((type(kind).__name__, kind) for kind in kinds))
    stage = component.build(config, FakeServices())  # type: ignore[arg-type]
    if name is None:
        with pytest.raises(Unauthorized):
            await stage(exchange, pass_on)
    else:
        await stage(exchange, pass_on)
        assert exchange.caller is not None
        assert name in (exchange.caller.key[2], *exchange.caller.roles, exchange.caller.user["id"])


async def test_challenges_are_those_of_the_kinds_in_their_order_and_each_once() -> None:
    error = await refused({}, TOKEN, KEY, OPAQUE)
    assert error.challenges == ('Bearer realm="gateway"', 'ApiKey realm="gateway"')
    assert (await refused({}, Signed())).challenges == ()


async def test_a_refused_token_is_told_to_be_invalid() -> None:
    """RFC 6750 §3.1. Without a credential nothing is said about one."""
    assert (await refused({"authorization": "Bearer x"}, KEY, OPAQUE)).challenges == ('Bearer realm="gateway", error="invalid_token"',)
    assert (await refused({"x-api-key": "x"}, KEY, OPAQUE)).challenges == ('ApiKey realm="gateway"',)


async def test_refusals_behind_this_stage_get_its_challenges_too() -> None:
    raised, given = Unauthorized(), Unauthorized()
    with pytest.raises(Unauthorized):
        await identify({"x-api-key": "k"}, KEY, proceed=raising(raised))
    await identify({"x-api-key": "k"}, KEY, proceed=answering(Answer("denied", error=given)))
    assert raised.challenges == given.challenges == ('ApiKey realm="gateway"',)


async def test_challenges_of_ones_own_stay() -> None:
    own = Unauthorized(challenges=['Bearer error="insufficient_user_authentication"'])
    with pytest.raises(Unauthorized):
        await identify({"x-api-key": "k"}, KEY, proceed=raising(own))
    assert own.challenges == ('Bearer error="insufficient_user_authentication"',)


@pytest.mark.parametrize(
    ("headers", "kind", "result", "noted"),
    [
        ({"x-api-key": "k"}, "known", "accepted", None),
        ({"x-api-key": "x"}, "known", "refused", "known: unknown value"),
        ({"x-key-id": "k"}, "signed", "refused", "signed: not valid"),
        ({"authorization": "Bearer t"}, "away", "unavailable", "away: could not be verified"),
        ({}, "none", "refused", None),
        ({"x-api-key": "k", "x-key-id": "k"}, "none", "refused", "none: more than one credential"),
        ({"x-shop": "k"}, "none", "refused", "none: nobody reads this credential"),
    ],
)
async def test_each_outcome_is_counted_and_noted(headers: dict[str, str], kind: str, result: str, noted: str | None) -> None:
    services = FakeServices()
    assert component.build is not None
    reads_no_value = Known("x-shop", "never", make_caller(), refuses=False)
    stage = component.build(AuthenticateConfig((("known", KEY), ("signed", Signed()), ("away", Away()), ("shy", reads_no_value))), services)
    exchange = make_exchange(headers=headers)
    with suppress(Unauthorized, Unavailable):
        await stage(exchange, pass_on)
    totals = {
        (each, outcome): services.metrics.total("gateway_authentications_total", kind=each, result=outcome)
        for each in ("known", "signed", "away", "shy", "none")
        for outcome in ("accepted", "refused", "unavailable")
    }
    assert {key for key, total in totals.items() if total} == {(kind, result)}
    assert totals[kind, result] == 1
    assert exchange.notes.get("credential") == noted
