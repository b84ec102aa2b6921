"""A small gateway for tests of the server: real stages and pipeline, intents that are functions, an ASGI client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from gateway.pipeline.fold import Layer, fold, fold_front
from gateway.policies import anonymous, api_key, authenticate, authorize, record, render, trace, understand, validate
from gateway.policies.pressure import Pressure
from gateway.runtime.plan import IntentCatalogue, IntentPlan, Plan, QueueSettings, RoutePlan, ServerSettings
from gateway.sdk import Access, Answer, Exchange, InvalidRequest, Reply, Scope, Source
from gateway.server.application import Application
from tests.policies.exchanges import FakeServices

KEY = "let-me-in"
HOST = (b"host", b"gateway.example")
JSON_TYPE = (b"content-type", b"application/json")
CUSTOMERS = Access(frozenset({"customer", "operator"}))

Work = Callable[[Exchange], Answer | Awaitable[Answer]]


def accept(given: dict[str, Any], from_text: bool) -> dict[str, Any]:
    """One optional member, `order_id`, of digits."""
    faults = [{"pointer": f"/{name}", "message": "is not known here"} for name in given if name != "order_id"]
    if "order_id" in given and not (isinstance(given["order_id"], str) and given["order_id"].isdigit()):
        faults.append({"pointer": "/order_id", "message": "is not a number"})
    if faults:
        raise InvalidRequest("The input does not fit its schema.", details=faults)
    return given


def no_reply(scope: Scope, answer: Answer) -> Reply | None:
    return None


def make_intent(name: str = "track_order", **members: Any) -> IntentPlan:
    given: dict[str, Any] = {
        "name": name,
        "version": 1,
        "access": CUSTOMERS,
        "input_schema": {"type": "object", "properties": {"order_id": {"type": "string"}}},
        "read": accept,
        "render": no_reply,
        "steps": (),
        "deadline": 2.0,
        **members,
    }
    return IntentPlan(**given)


def echo(exchange: Exchange) -> Answer:
    return Answer("complete", data={"input": exchange.input})


def failing(error: BaseException) -> Work:
    def work(exchange: Exchange) -> Answer:
        raise error

    return work


def make_plan(
    work: Mapping[str, Work] | None = None,
    *,
    intents: Iterable[IntentPlan] = (),
    routes: tuple[RoutePlan, ...] = (),
    sources: Mapping[str, Source] | None = None,
    starters: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (),
    closers: tuple[Callable[[], Any], ...] = (),
    services: FakeServices | None = None,
    max_body: int = 1 << 20,
    queue: QueueSettings | None = None,
    pressure: Pressure | None = None,
) -> Plan:
    """`work` is what each intent does, by name; `intents` are further ones, or ones that need more than a name.

    Without either there is `track_order`, which tells its input.
    """
    work = {"track_order": echo} if work is None else work
    by_name = {name: make_intent(name) for name in work} | {intent.name: intent for intent in intents}
    doing = dict(work)

    async def execute(exchange: Exchange) -> Answer:
        assert exchange.chosen is not None
        result = doing.get(exchange.chosen.name, echo)(exchange)
        return result if isinstance(result, Answer) else await result

    services = services or FakeServices(*by_name.values())  # type: ignore[arg-type]
    layers = make_layers(services)
    return Plan(
        name="acme",
        digest="sha256:9f2c",
        catalogue=IntentCatalogue(dict(sorted(by_name.items()))),
        routes=routes,
        sources=sources or {},
        handler=fold(layers, execute),
        front=fold_front(layers),
        layers=tuple((layer.phase, layer.name) for layer in layers),
        server=ServerSettings(max_body=max_body, queue=queue or QueueSettings()),
        permitted=lambda caller, permission, scope: permission == "trace" and "operator" in caller.roles,
        starters=starters,
        closers=closers,
        standings=services.standings,
        pressure=pressure or Pressure(),
    )


def make_layers(services: FakeServices) -> list[Layer]:
    def key_of(key: str, *roles: str) -> dict[str, Any]:
        return {"hash": f"sha256:{sha256(key.encode()).hexdigest()}", "user": {"id": key, "roles": list(roles)}}

    keys = msgspec.convert({"keys": [key_of(KEY, "customer"), key_of("operator", "operator")]}, api_key.ApiKeyConfig)
    kinds = (
        ("api_key", api_key.build(keys, services)),  # type: ignore[arg-type]
        ("anonymous", anonymous.build(anonymous.AnonymousConfig(), services)),  # type: ignore[arg-type]
    )
    given = {"authenticate": authenticate.AuthenticateConfig(kinds)}
    layers = []
    for module in (trace, record, render, authenticate, understand, authorize, validate):
        component = module.component
        assert component.build is not None
        config = given.get(component.name) or component.Config()
        layers.append(Layer(component.phase, component.name, component.build(config, services)))  # type: ignore[arg-type]
    return layers


class Received(msgspec.Struct):
    """What an ASGI application sent."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value.decode("latin-1") for key, value in self.headers if key == name.encode()), None)

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Client:
    """Calls an ASGI application as a server would. After the body comes silence, or `hang_up`."""

    def __init__(self, app: Any) -> None:
        self._app = app.asgi if isinstance(app, Application) else app

    async def send(
        self,
        method: str,
        path: str | bytes,
        body: bytes | Iterable[bytes] = b"",
        headers: Iterable[tuple[bytes, bytes]] = (),
        *,
        key: str | None = KEY,
        hang_up: asyncio.Event | None = None,
        host: bool = True,
    ) -> Received:
        raw = path.encode() if isinstance(path, str) else path
        raw_path, _, query = raw.partition(b"?")
        sent = [*([HOST] if host else []), *([(b"x-api-key", key.encode())] if key is not None else []), *headers]
        chunks = [body] if isinstance(body, bytes) else list(body)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": raw_path.decode("latin-1"),
            "raw_path": raw_path,
            "query_string": query,
            "headers": sent,
            "client": ("192.0.2.9", 40000),
        }
        received = Received()

        async def receive() -> dict[str, Any]:
            if chunks:
                return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}
            await (hang_up or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                assert received.status == 0, "a second response"
                received.status = message["status"]
                received.headers = list(message["headers"])
            else:
                received.body += message.get("body", b"")

        await self._app(scope, receive, send)
        return received

    async def post(self, path: str, value: Any, *headers: tuple[bytes, bytes], key: str | None = KEY) -> Received:
        return await self.send("POST", path, msgspec.json.encode(value), [JSON_TYPE, *headers], key=key)

    async def chat(self, value: Any, *headers: tuple[bytes, bytes], key: str | None = KEY) -> Received:
        return await self.post("/v1/chat", value, *headers, key=key)

    async def get(self, path: str, *headers: tuple[bytes, bytes], key: str | None = KEY) -> Received:
        return await self.send("GET", path, headers=headers, key=key)


def make_client(work: Mapping[str, Work] | None = None, **members: Any) -> Client:
    return Client(Application(make_plan(work, **members)))


class FakeSource:
    """A source that only starts, tells whether it is ready, and closes."""

    def __init__(self, *, fails: Exception | None = None, is_ready: Any = True) -> None:
        self.fails = fails
        self.is_ready = is_ready
        self.events: list[str] = []

    def names(self) -> Iterable[str]:
        return ()

    def operation(self, name: str) -> None:
        return None

    async def start(self) -> None:
        self.events.append("start")
        if self.fails is not None:
            raise self.fails

    async def ready(self) -> bool:
        if isinstance(self.is_ready, Exception):
            raise self.is_ready
        return bool(self.is_ready)

    async def close(self) -> None:
        self.events.append("close")
        if self.fails is not None:
            raise self.fails
