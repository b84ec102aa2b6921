"""Callers with opaque tokens: what is asked, what is believed and for how long."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from gateway.policies.introspection import IntrospectedTokens, Introspection, component
from gateway.sdk import Caller, HttpRequest, HttpResponse, Overloaded, Timeout, Unauthorized, Unavailable
from gateway.sdk.fields import decode_hook
from tests.policies.tokens import AUDIENCE, ISSUER, NOW, Issued, claims_of, token

MINIMAL = {"url": f"{ISSUER}/introspect?v=1", "client_id": "gate way", "client_secret": "s:\u00e4"}
ACTIVE = {"active": True, "sub": "ada", "scope": "orders:read", "client_id": "web"}


def telling(answer: Any) -> Issued:
    return Issued({"/introspect?v=1": answer})


def build(issued: Issued, **written: Any) -> IntrospectedTokens:
    assert component.build is not None
    built = component.build(msgspec.convert({**MINIMAL, **written}, Introspection, dec_hook=decode_hook), issued.services)
    assert isinstance(built, IntrospectedTokens)
    return built


async def known(issued: Issued, tokens: IntrospectedTokens, text: str = "opaque") -> Caller:
    caller = await tokens(issued.presenting(text))
    assert caller is not None
    return caller


async def refused(issued: Issued, tokens: IntrospectedTokens, text: str = "opaque") -> None:
    with pytest.raises(Unauthorized) as caught:
        await tokens(issued.presenting(text))
    assert text not in f"{caught.value.message}{caught.value.reason}"


async def test_the_issuer_is_asked_as_it_expects_and_believed() -> None:
    issued = telling(ACTIVE)
    tokens = build(issued, claims={"app": "client_id"}, tenant="default")
    caller = await known(issued, tokens, "ya29.a0+/=")
    assert (caller.key, caller.tenant) == (("introspection", ISSUER, "ada"), "default")
    assert (caller.user["scopes"], caller.user["app"], caller.user["claims"]) == (["orders:read"], "web", ACTIVE)
    (request,) = issued.issuer.requests
    assert (request.method, request.target, request.deadline) == ("POST", "/introspect?v=1", 102.0)
    headers = dict(request.headers)
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert b64decode(headers["Authorization"].removeprefix("Basic ")) == b"gate+way:s%3A%C3%A4"
    assert parse_qs((request.body or b"").decode()) == {"token": ["ya29.a0+/="], "token_type_hint": ["access_token"]}
    assert issued.services.problems == []


async def test_equal_subjects_of_two_issuers_behind_one_endpoint_are_two_people() -> None:
    issuers = iter(["https://one.example", "https://two.example", None])
    issued = telling(lambda _: {**ACTIVE, "iss": next(issuers)})
    tokens = build(issued)
    keys = [(await known(issued, tokens, f"token-{number}")).key for number in range(3)]
    assert [issuer for _, issuer, _ in keys] == ["https://one.example", "https://two.example", ISSUER]


async def test_a_secret_that_changed_is_used_at_once() -> None:
    issued = telling(ACTIVE)
    tokens = build(issued)
    await known(issued, tokens)
    issued.services.secrets["client_secret",].replace("new")
    await known(issued, tokens, "other")
    assert b64decode(dict(issued.issuer.requests[1].headers)["Authorization"].removeprefix("Basic ")) == b"gate+way:new"


@pytest.mark.parametrize(
    "answer",
    [
        {"active": False},
        {"active": "true", "sub": "ada"},
        {"active": 1, "sub": "ada"},
        {"sub": "ada"},
        {"active": None, "sub": "ada"},
        {"active": True},
        {**ACTIVE, "exp": NOW},
        {**ACTIVE, "exp": "soon"},
        {**ACTIVE, "exp": None},
        {**ACTIVE, "nbf": NOW + 1},
        {**ACTIVE, "roles": {"admin": True}},
        {**ACTIVE, "cnf": {"jkt": "x"}},
    ],
)
async def test_what_is_not_active_now_is_refused(answer: Any) -> None:
    issued = telling(answer)
    await refused(issued, build(issued))


@pytest.mark.parametrize(
    ("told", "good"),
    [
        ({"iss": ISSUER, "aud": AUDIENCE}, True),
        ({"iss": ISSUER, "aud": ["web", AUDIENCE]}, True),
        ({"iss": ISSUER, "aud": "web"}, False),
        ({"iss": ISSUER}, False),
        ({"iss": "https://other.example", "aud": AUDIENCE}, False),
        ({"aud": AUDIENCE}, False),
    ],
)
async def test_issuer_and_audience_are_checked_where_they_are_written(told: dict[str, Any], good: bool) -> None:
    issued = telling({**ACTIVE, **told})
    tokens = build(issued, issuer=ISSUER, audience=[AUDIENCE])
    if good:
        assert (await known(issued, tokens)).user["issuer"] == ISSUER
    else:
        await refused(issued, tokens)


async def test_an_answer_is_believed_for_its_time_and_no_longer_than_the_token_lives() -> None:
    for exp, seconds in ((None, 30), (NOW + 3600, 30), (NOW + 7, 7)):
        issued = telling(ACTIVE if exp is None else {**ACTIVE, "exp": exp})
        tokens = build(issued)
        await known(issued, tokens)
        issued.clock.pass_by(seconds - 0.1)
        await known(issued, tokens)
        assert len(issued.issuer.requests) == 1
        issued.clock.pass_by(0.1)
        issued.issuer.pages["/introspect?v=1"] = {"active": False}
        await refused(issued, tokens)
        assert len(issued.issuer.requests) == 2


async def test_a_refusal_is_remembered_for_a_moment() -> None:
    issued = telling({"active": False})
    tokens = build(issued)
    for _ in range(10):
        await refused(issued, tokens)
    assert len(issued.issuer.requests) == 1
    issued.clock.pass_by(5)
    issued.issuer.pages["/introspect?v=1"] = ACTIVE
    await known(issued, tokens)


async def test_one_token_is_asked_about_once_at_a_time() -> None:
    issued = telling(ACTIVE)
    issued.issuer.pause = asyncio.Event()
    tokens = build(issued)
    waiting = [asyncio.create_task(known(issued, tokens, f"t{number % 5}")) for number in range(500)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    await asyncio.sleep(0)
    issued.issuer.pause.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(end, Caller) for end in ended) == 499
    assert len(issued.issuer.requests) == 5


@pytest.mark.parametrize(
    "fault",
    [
        Unavailable(), Timeout(), Overloaded(), HttpResponse(500, {}, b"{}"), HttpResponse(401, {}, b'{"active":true,"sub":"ada"}'),
        HttpResponse(302, {"location": "https://evil.example"}, b""), b"<html>", b"[]", b'{"active":false,"active":true,"sub":"ada"}',
    ],
)  # fmt: skip
async def test_what_cannot_be_told_now_is_neither_valid_nor_invalid(fault: Any, caplog: pytest.LogCaptureFixture) -> None:
    issued = telling(fault)
    issued.issuer.down = fault if isinstance(fault, Exception) else None
    tokens = build(issued)
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            await tokens(issued.presenting("opaque"))
    assert caught.value.message == "Credentials can't be verified at the moment."
    assert issued.services.metrics.total("gateway_introspections_total", result="failed") == 2
    assert all("opaque" not in record.getMessage() for record in caplog.records)
    issued.issuer.down, issued.issuer.pages = None, {"/introspect?v=1": ACTIVE}
    await known(issued, tokens)


async def test_a_fault_that_nobody_waits_for_any_more_is_nobodys() -> None:
    issued = telling(ACTIVE)
    issued.issuer.down, issued.issuer.pause = Unavailable(), asyncio.Event()
    tokens = build(issued)
    waiting = asyncio.create_task(tokens(issued.presenting("opaque")))
    await asyncio.sleep(0)
    waiting.cancel()
    issued.issuer.pause.set()
    await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_jwts_are_asked_about_only_where_the_issuer_is_ours() -> None:
    issued = telling({**ACTIVE, "iss": ISSUER})
    assert await build(issued)(issued.presenting(token())) is None
    assert await build(issued, issuer=ISSUER)(issued.presenting(token(claims_of(iss="https://other.example")))) is None
    assert issued.issuer.requests == []
    await known(issued, build(issued, issuer=ISSUER), token())


async def test_other_schemes_are_none_of_its_business() -> None:
    issued = telling(ACTIVE)
    exchange = issued.presenting("")
    for headers in ({"authorization": "Basic dTpw"}, {"authorization": "Bearer "}, {"x-api-key": "opaque"}):
        exchange.headers = headers
        assert await build(issued)(exchange) is None


async def test_a_revoked_subject_is_refused(tmp_path: Path) -> None:
    issued = telling(ACTIVE)
    issued.services.folder = tmp_path
    (tmp_path / "denied").write_text("sub ada\n")
    await refused(issued, build(issued, revoked="denied"))


async def test_who_is_asked_about_is_kept_apart_by_who_was_asked() -> None:
    """Two endpoints may both know an `ada`."""
    issued = telling(ACTIVE)
    issued.issuer.pages["/other"] = ACTIVE
    one = await known(issued, build(issued))
    other = await known(issued, build(issued, url="https://other.example/other"))
    assert one.key != other.key


async def test_closing_ends_what_is_being_asked() -> None:
    issued = telling(ACTIVE)
    issued.issuer.pause = asyncio.Event()
    tokens = build(issued)
    waiting = asyncio.create_task(tokens(issued.presenting("opaque")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await issued.services.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await issued.services.close()


@pytest.mark.parametrize("url", ["http://id.example/introspect", "introspect", "https://u:p@id.example/"])
async def test_an_address_that_cannot_be_used_is_reported_and_nobody_gets_in(url: str) -> None:
    issued = telling(ACTIVE)
    tokens = build(issued, url=url)
    assert [(problem.code, problem.path) for problem in issued.services.problems] == [("GW524", ("url",))]
    await refused(issued, tokens)


async def test_each_token_is_sent_as_it_is() -> None:
    def echoing(request: HttpRequest) -> Any:
        return {**ACTIVE, "sub": parse_qs((request.body or b"").decode())["token"][0]}

    issued = telling(echoing)
    tokens = build(issued)
    for text in ("a&active=true", "a%26b", "a=", "a+b"):
        exchange = issued.presenting(text)
        caller = await tokens(exchange)
        assert caller is None or caller.user["id"] == text
