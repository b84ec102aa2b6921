"""How the gateway proves itself to real backends: who shares, what storms, what comes back, and secrets that change meanwhile."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from io import StringIO
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2
import pytest

from gateway import app
from gateway.app import Prepared
from gateway.sdk import Call, CallContext, CallHandler
from gateway.telemetry.logs import LogWriter
from gateway.testing.scenario import write
from gateway.testing.servers import Received, Route, http_server
from tests.scenarios.running import Gateway, files_of
from tests.sources.token_server import TokenServer

SIGNING_KEY = "canary-signing-key-of-more-than-32-bytes"
SECRETS = {
    "client": "canary-secret", "password": "canary-password", "key": "canary-api-key", "signing": SIGNING_KEY, "header": "canary-header",
}  # fmt: skip
OPERATIONS = """
servers: ["${ env.BACKEND_URL }"]
operations:
  me: {request: GET /me, error: {code: body.code, message: body.message}}
  item: {request: "GET /items/{id}"}
  change: {request: POST /me}
  price: {request: "GET /prices/{sku}", batch: {operation: prices, param: skus, join: ",", match: {sku: sku}}}
  prices: {request: GET /prices, params: {type: object, properties: {skus: {type: string}}}}
"""
SILENT = {"fault": "silent"}
WAYS = {
    "token": '{oauth2: {token_url: "${ env.TOKEN_URL }/token", client_id: gw, client_secret: "${ secret.client }"}}',
    "basic": '{basic: {username: gw, password: "${ secret.password }"}}',
    "key": '{api_key: {value: "${ secret.key }"}}',
    "forward": "{forward_token: true}",
    "signed": '{identity_header: {key: "${ secret.signing }"}}',
}


def specs_of(ways: Mapping[str, str]) -> str:
    """A source for each way, and an intent that asks it."""
    sources = [f"source: {name}\ntype: http\nauth: {way}{OPERATIONS}" for name, way in ways.items()]
    sources.append(f'source: headed\ntype: http\nheaders: {{Authorization: "Token ${{ secret.header }}"}}{OPERATIONS}')
    intents = [
        f'intent: ask_{name}\nsteps: {{me: {{call: {name}.me}}}}\noutput: "${{ steps.me }}"\n'
        "reply: [{when: error.code != `null`, text: \"${ error.detail_code || 'none' } ${ error.code }\"}, {text: done}]"
        for name in (*ways, "headed")
    ]
    return "\n---\n".join([*sources, *intents])


def principal(tenant: str, kind: str, issuer: str, name: str, *, roles: list[str], token: str) -> CallContext:
    scope = {
        "user": {"id": name, "issuer": issuer, "roles": roles, "groups": [], "scopes": []},
        "tenant": {"id": tenant},
        "ctx": {"request_id": "r"},
        "config": {},
    }
    return CallContext(scope, (tenant, kind, issuer, name), {"authorization": f"Bearer {token}"})


def generated(count: int, seed: int) -> list[CallContext]:
    """Callers who differ in little: many pairs differ in one thing only."""
    chance = random.Random(seed)
    pick = chance.choice
    return [
        principal(
            pick(["acme", "globex"]), pick(["jwt", "introspection"]), pick(["https://a.test", "https://b.test"]), pick(["u1", "u2"]),
            roles=pick([["a"], ["b"], ["a", "b"], []]), token=pick(["t1t1t1t1", "t2t2t2t2", "t3t3t3t3"]),
        )
        for _ in range(count)
    ]  # fmt: skip


def handler_of(prepared: Prepared, source: str, operation: str) -> CallHandler:
    """The whole chain of an operation."""
    backend = prepared.planned.backends.get(source)
    planned = None if backend is None else backend.operation(operation)
    assert planned is not None
    return planned.handler


def call(context: CallContext, **arguments: Any) -> Call:
    return Call("x", arguments, context, monotonic() + 10)


@asynccontextmanager
async def prepared_for(
    folder: Path, backend: Mapping[str, Route], tokens: TokenServer, environ: Mapping[str, str]
) -> AsyncIterator[Prepared]:
    """A plan in front of a real backend and a real token endpoint; without problems, and closed in the end."""
    async with http_server(backend) as url, http_server({"POST /token": tokens.route}) as token_url:
        given = {"BACKEND_URL": url, "TOKEN_URL": token_url, **environ}
        prepared = app.prepare(write(folder, files_of(specs_of(WAYS))), environ=given)
        errors = [problem for problem in prepared.problems if problem.severity == "error"]
        assert errors == []
        assert prepared.plan is not None
        try:
            yield prepared
        finally:
            for close in prepared.plan.closers:
                await close()


def in_environment(secrets: Mapping[str, str] = SECRETS) -> dict[str, str]:
    return {f"GATEWAY_SECRET_{name.upper()}": value for name, value in secrets.items()}


def seen_of(request: Received) -> Any:
    """What a backend knows its caller by, without repeating a credential."""
    if (token := request.headers.get("x-caller-identity")) is not None:
        claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
        return {name: claims.get(name) for name in ("sub", "idp", "via", "tenant", "roles")}
    return sha256(request.headers.get("authorization", "").encode()).hexdigest()


def expected_of(context: CallContext, way: str) -> Any:
    if way == "signed":
        user = context.scope["user"]
        return {"sub": user["id"], "idp": user["issuer"], "via": context.identity[1], "tenant": context.identity[0], "roles": user["roles"]}
    return sha256(context.headers["authorization"].encode()).hexdigest()


def telling() -> dict[str, Route]:
    def rows(request: Received) -> Any:
        return [{"sku": sku, "seen": seen_of(request)} for sku in request.target.partition("skus=")[2].split("%2C")]

    return {
        "GET /me": Route(lambda request: {"seen": seen_of(request)}, delay=0.01),
        "GET /prices": Route(rows, delay=0.01),
    }


@pytest.mark.parametrize("way", ["forward", "signed"])
@pytest.mark.parametrize("seed", range(3))
async def test_callers_who_differ_in_anything_that_is_told_never_share(tmp_path: Path, way: str, seed: int) -> None:
    backend = telling()
    async with prepared_for(tmp_path, backend, TokenServer(), in_environment()) as prepared:
        callers = generated(80, seed)
        me, price = handler_of(prepared, way, "me"), handler_of(prepared, way, "price")
        found = await asyncio.gather(*(me(call(caller)) for caller in callers), *(price(call(caller, sku="A")) for caller in callers))
    for result, caller in zip(found, [*callers, *callers], strict=True):
        assert result.value["seen"] == expected_of(caller, way)
    different = {(caller.identity, str(expected_of(caller, way))) for caller in callers}
    assert backend["GET /me"].count == len(different) < len(callers), "equal callers do share"
    assert backend["GET /prices"].count == len(different)


@pytest.mark.parametrize("way", ["token", "basic", "key"])
async def test_tenants_never_share_what_credentials_got(tmp_path: Path, way: str) -> None:
    backend = telling()
    async with prepared_for(tmp_path, backend, TokenServer(), in_environment()) as prepared:
        callers = generated(40, 7)
        me, price = handler_of(prepared, way, "me"), handler_of(prepared, way, "price")
        found = await asyncio.gather(*(me(call(caller)) for caller in callers), *(price(call(caller, sku="A")) for caller in callers))
    assert (backend["GET /me"].count, backend["GET /prices"].count) == (2, 2)
    by_tenant = {(caller.identity[0], str(result.value["seen"])) for caller, result in zip([*callers, *callers], found, strict=True)}
    assert len(by_tenant) == 2
    assert len({seen for _, seen in by_tenant}) == (2 if way == "token" else 1)


@pytest.mark.parametrize("operation", ["item", "change"])
async def test_five_hundred_calls_with_one_expired_token_cause_one_refresh(tmp_path: Path, operation: str) -> None:
    tokens = TokenServer()
    valid = ["canary-token-1"]
    done: list[str] = []

    def guarded(request: Received) -> Any:
        good = request.headers["authorization"] == f"Bearer {valid[0]}"
        route.status = 200 if good else 401
        done.extend([request.target] if good else [])
        return {"ok": good}

    route = Route(guarded)
    async with prepared_for(tmp_path, {"*": route}, tokens, in_environment()) as prepared:
        handler = handler_of(prepared, "token", operation)
        (caller,) = generated(1, 1)
        await handler(call(caller, id="first"))
        valid[0] = "canary-token-2"
        results = await asyncio.gather(*(handler(call(caller, id=str(number))) for number in range(500)))
        exposed = prepared.metrics.expose()[0].decode()
    assert all(result.value == {"ok": True} for result in results)
    assert len(done) == 501
    assert tokens.route.count == 2
    assert 'gateway_upstream_tokens_total{result="ok",source="token"} 2.0' in exposed
    assert 'gateway_upstream_tokens_total{result="rejected",source="token"} 1.0' in exposed


def echoing(status: int) -> Route:
    """Repeats everything that it was sent, wherever an answer has room for it."""

    def repeat(request: Received) -> Any:
        sent = dict(request.headers)
        told = " ".join(sent.get(name, "") for name in ("authorization", "x-api-key", "x-caller-identity"))
        route.headers = {"x-echo": told}
        return {"code": told, "message": f"you sent {told}", "all": sent, "keys": {told: [told]}}

    route = Route(repeat, status=status)
    return route


@asynccontextmanager
async def serving(prepared: Prepared) -> AsyncIterator[Gateway]:
    application = app.application(prepared)
    await application.startup()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=application.asgi), base_url="http://gateway.test") as client:
        yield Gateway(application, client)
    await application.shutdown()


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 500, 503])
async def test_a_backend_that_repeats_everything_tells_no_secret(tmp_path: Path, status: int) -> None:
    tokens = TokenServer()
    stream = StringIO()
    log = LogWriter(stream, service="gateway")
    backend = echoing(status)
    async with prepared_for(tmp_path, {"*": backend}, tokens, in_environment()) as prepared, serving(prepared) as gateway:
        log.start(logging.DEBUG)
        answers = [(await gateway.ask(f"ask_{way}", user=user)).text for way in (*WAYS, "headed") for user in ("alice", "operator")]
        metrics = await gateway.metrics()
        log.close()
    assert backend.count >= 10
    assert stream.getvalue().count("request") >= len(answers)
    assert tokens.tokens
    for text in (*answers, metrics, stream.getvalue()):
        assert "canary" not in text
        assert not any(part in text for part in ("Z3c6Y2FuYXJ5", "eyJhbGciOiJIUzI1NiIs"))
    assert any("[redacted]" in answer for answer in answers) == (status < 500), "what a broken backend says is not passed on at all"


async def test_a_caller_without_a_token_is_answered_401_and_nothing_is_called(tmp_path: Path) -> None:
    backend = echoing(200)
    async with prepared_for(tmp_path, {"*": backend}, TokenServer(), in_environment()) as prepared, serving(prepared) as gateway:
        answer = await gateway.ask("ask_forward")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert backend.count == 0


@pytest.mark.parametrize(
    "broken", [Route(status=503), Route({"error": "invalid_client"}, status=401), Route(fault="close"), Route(fault="silent")]
)
async def test_a_broken_token_endpoint_costs_the_step_no_more_than_its_time(tmp_path: Path, broken: Route) -> None:
    tokens, backend = TokenServer(), echoing(200)
    tokens.route = broken
    async with prepared_for(tmp_path, {"*": backend}, tokens, in_environment()) as prepared:
        handler = handler_of(prepared, "token", "item")
        (caller,) = generated(1, 1)
        begun = monotonic()
        calls = [Call("x", {"id": str(number)}, caller, begun + 0.15) for number in range(50)]
        ended = await asyncio.gather(*(handler(each) for each in calls), return_exceptions=True)
        took = monotonic() - begun
    assert {getattr(end, "code", None) for end in ended} <= {"unavailable", "timeout", "backend_error"}
    assert took < 0.5
    assert (broken.count, backend.count) == (1, 0)


def swapped(folder: Path, secrets: Mapping[str, str], version: int) -> None:
    """Puts secrets in place as Kubernetes does: a new folder, and one link that is swapped."""
    (folder / f"..{version}").mkdir()
    for name, value in secrets.items():
        (folder / f"..{version}" / name).write_text(value)
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    (folder / "..new").symlink_to(f"..{version}")
    (folder / "..new").replace(folder / "..data")


async def test_secrets_that_change_are_used_without_a_restart(tmp_path: Path) -> None:
    mounted = tmp_path / "secrets"
    mounted.mkdir()
    swapped(mounted, SECRETS, 1)
    tokens = TokenServer()
    received: list[Received] = []

    def remember(request: Received) -> Any:
        received.append(request)
        return {}

    environ = {"GATEWAY_SECRETS_DIR": str(mounted)}
    async with prepared_for(tmp_path / "config", {"*": Route(remember)}, tokens, environ) as prepared:
        live = prepared.planned.loaded.secrets

        async def sent() -> list[str]:
            received.clear()
            (caller,) = generated(1, 3)
            for source in ("basic", "key", "headed", "signed"):
                await handler_of(prepared, source, "me")(call(caller))
            names = ("authorization", "x-api-key", "authorization", "x-caller-identity")
            texts = [request.headers[name] for request, name in zip(received, names, strict=True)]
            return [*texts[:3], texts[3].partition(".")[0]]

        before = await sent()
        renewed = {name: value.replace("canary", "kanarienvogel") for name, value in SECRETS.items()}
        tokens.secret = renewed["client"]
        swapped(mounted, renewed, 2)
        taken = live.take(live.changes())
        assert (sorted(taken.changed), taken.kept, taken.waiting) == (sorted(SECRETS), [], [])
        after = await sent()
        assert all(old != new for old, new in zip(before, after, strict=True))
        assert after[1:3] == ["kanarienvogel-api-key", "Token kanarienvogel-header"]
        (caller,) = generated(1, 3)
        await handler_of(prepared, "token", "me")(call(caller))
        assert len(tokens.tokens) == 1
        for name in SECRETS:
            (mounted / name).unlink()
        assert len(live.take(live.changes()).kept) == 5
        assert (await sent())[1:] == after[1:]


def test_a_watch_begins_and_ends_with_the_plan(tmp_path: Path) -> None:
    environ = {"BACKEND_URL": "http://a.test", "TOKEN_URL": "https://id.test", **in_environment()}
    plan = app.prepare(write(tmp_path, files_of(specs_of(WAYS))), environ=environ).plan
    assert plan is not None
    assert "secrets" in [name for name, _ in plan.starters]
