"""Whose configuration applies: credential, claim, expression and host must agree."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.expressions import compile_expression
from gateway.policies.tenant import Directory, TenantStageConfig, component
from gateway.sdk import Answer, Caller, Exchange, Forbidden, Tenant
from tests.policies.exchanges import FakeServices, make_caller, make_exchange, pass_on

ACME = Tenant("acme", {"id": "acme", "plan": "premium", "config": {"brand": "ACME"}}, "de")
ZETA = Tenant("zeta", {"id": "zeta", "plan": None, "config": {}})
OTHERS = Tenant("default", {"id": "default", "plan": None, "config": {}})
KNOWN = {"acme": ACME, "zeta": ZETA}
HOSTS = {"acme.example": "acme", "zeta.example": "zeta"}


def caller(bound: str | None = None, /, **claims: Any) -> Caller:
    made = make_caller("customer")
    return msgspec.structs.replace(made, tenant=bound, user={**made.user, "claims": claims})


async def passed(directory: Directory, who: Caller, host: str = "gateway.test", languages: tuple[str, ...] = ()) -> Exchange:
    exchange = make_exchange(host=host)
    exchange.caller, exchange.languages = who, languages
    stage = component.build(TenantStageConfig(directory=directory), FakeServices())  # type: ignore[misc]
    answer = await stage(exchange, pass_on)
    assert isinstance(answer, Answer)
    return exchange


def directory(**more: Any) -> Directory:
    return Directory(known=KNOWN, hosts=HOSTS, claim="tenant", place="gateway.yaml:7", **more)


ANYBODY = make_caller("anonymous", anonymous=True)


@pytest.mark.parametrize(
    ("who", "host", "tenant"),
    [
        (caller("acme"), "gateway.test", "acme"),
        (caller("acme"), "acme.example", "acme"),
        (caller(None, tenant="acme"), "acme.example", "acme"),
        (caller(None, tenant="zeta"), "gateway.test", "zeta"),
        (ANYBODY, "zeta.example", "zeta"),
    ],
)
async def test_what_names_the_tenant(who: Caller, host: str, tenant: str) -> None:
    exchange = await passed(directory(), who, host)
    assert exchange.tenant is KNOWN[tenant]
    assert exchange.scope is not None
    assert exchange.scope["tenant"] is KNOWN[tenant].root


@pytest.mark.parametrize(
    ("who", "host", "code"),
    [
        (caller("acme"), "zeta.example", "tenant_mismatch"),
        (caller("acme", tenant="zeta"), "gateway.test", "tenant_mismatch"),
        (caller(None, tenant="zeta"), "acme.example", "tenant_mismatch"),
        (caller(None), "acme.example", "tenant_unknown"),
        (caller(None, tenant="nobody"), "gateway.test", "tenant_unknown"),
        (caller(None, tenant=["acme"]), "gateway.test", "tenant_unknown"),
        (caller(None, tenant=["acme"]), "acme.example", "tenant_mismatch"),
        (caller("nobody"), "gateway.test", "tenant_unknown"),
        (ANYBODY, "gateway.test", "tenant_unknown"),
    ],
)
async def test_who_belongs_to_none_is_refused(who: Caller, host: str, code: str) -> None:
    exchange = make_exchange(host=host)
    exchange.caller = who
    stage = component.build(TenantStageConfig(directory=directory()), FakeServices())  # type: ignore[misc]
    with pytest.raises(Forbidden) as refused:
        await stage(exchange, pass_on)
    assert refused.value.detail_code == code
    assert exchange.tenant.id == ""
    assert exchange.notes["denied_by"].startswith("gateway.yaml:7")


@pytest.mark.parametrize(("forwarded", "asked"), [("zeta.example", "acme.example"), ("acme.example", "Zeta.Example.:8443")])
async def test_a_proxy_that_passes_on_what_callers_say_of_the_host_deceives_nobody(forwarded: str, asked: str) -> None:
    exchange = make_exchange(host=forwarded, caller=ANYBODY, via_proxy=True, headers={"host": asked})
    stage = component.build(TenantStageConfig(directory=directory()), FakeServices())  # type: ignore[misc]
    with pytest.raises(Forbidden) as refused:
        await stage(exchange, pass_on)
    assert refused.value.detail_code == "tenant_mismatch"


@pytest.mark.parametrize("asked", ["gateway.internal:8080", "zeta.example", "", "no host"])
async def test_the_host_behind_a_proxy_is_the_one_that_it_was_asked_for(asked: str) -> None:
    exchange = make_exchange(host="zeta.example", caller=ANYBODY, via_proxy=True, headers={"host": asked})
    stage = component.build(TenantStageConfig(directory=directory()), FakeServices())  # type: ignore[misc]
    await stage(exchange, pass_on)
    assert exchange.tenant is ZETA


@pytest.mark.parametrize("who", [caller(None), caller(None, tenant="nobody"), ANYBODY])
async def test_strangers_may_have_a_tenant_of_their_own(who: Caller) -> None:
    assert (await passed(directory(unknown=OTHERS), who)).tenant is OTHERS


async def test_a_mismatch_is_refused_even_where_strangers_are_welcome() -> None:
    with pytest.raises(Forbidden):
        await passed(directory(unknown=OTHERS), caller("acme"), "zeta.example")


async def test_a_host_alone_binds_nobody_who_is_known() -> None:
    assert (await passed(directory(unknown=OTHERS), caller(None), "acme.example")).tenant is OTHERS


@pytest.mark.parametrize(("text", "tenant"), [("user.claims.org", "zeta"), ("lower(user.claims.org)", "zeta")])
async def test_an_expression_names_it(text: str, tenant: str) -> None:
    compiled, _ = compile_expression(text, roots=frozenset({"user", "ctx"}))
    made = Directory(known=KNOWN, id=compiled)
    assert (await passed(made, caller(None, org="zeta"))).tenant is KNOWN[tenant]


@pytest.mark.parametrize("org", [["zeta"], 7, {"a": 1}, "nobody"])
async def test_an_expression_that_gives_no_known_name_names_none(org: Any) -> None:
    compiled, _ = compile_expression("upper(user.claims.org)", roots=frozenset({"user", "ctx"}))
    with pytest.raises(Forbidden):
        await passed(Directory(known=KNOWN, id=compiled), caller(None, org=org))


async def test_its_locale_is_for_callers_who_want_none() -> None:
    assert (await passed(directory(), caller("acme"))).locale == "de"
    assert (await passed(directory(), caller("acme"), languages=("en",))).locale == "en"
    assert (await passed(directory(), caller("zeta"))).locale == "en"


def test_without_tenants_it_is_not_in_the_chain() -> None:
    assert component.build(TenantStageConfig(), FakeServices()) is None  # type: ignore[misc]
