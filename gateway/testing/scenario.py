"""A whole gateway in memory: real loader, planner, pipeline and runtime, with fake backends and callers (public test kit).

    async with scenario(tmp_path, {"specs/a.yaml": "…"}, {"erp.order": {"id": "1"}}) as gateway:
        answer = await gateway.ask("track_order", {"order_id": "1"}, user={"id": "u1", "roles": ["customer"]})

Sources of `type: fake` answer from the mapping given: a value, a function of the call's arguments (plain or async), or an error.
Callers are whoever the test says.
"""

from __future__ import annotations

import inspect
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec

from gateway import builtins
from gateway.config.load import load
from gateway.planner.assembly import Assembled, Assembly
from gateway.runtime.plan import Plan
from gateway.sdk import (
    Answer,
    Call,
    Caller,
    Clock,
    Component,
    Effect,
    Exchange,
    GatewayError,
    Model,
    Operation,
    OperationConfig,
    Response,
    Services,
    SourceConfig,
    SystemClock,
    Tenant,
    described,
    user_root,
)
from gateway.telemetry.metrics import PrometheusMetrics

Fakes = Mapping[str, Any]
"""`source.operation` → value, function of the arguments, or error."""

ENTRY = "gateway.yaml"
MINIMAL = "gateway: scenario\nspecs: [specs]\npolicies: [policies]\nidentity: [{scenario: {}}]\n"
OPEN: Mapping[str, Any] = {"type": "object", "additionalProperties": True}
TENANT = Tenant("default", {"id": "default", "plan": None, "config": {}})


class FakeConfig(SourceConfig, frozen=True, kw_only=True):
    """A source that a test plays."""

    operations: Annotated[dict[str, OperationConfig], described("Operations by name.")] = {}


class FakeIdentityConfig(Model, frozen=True):
    """Nothing to set."""


class FakeOperation(msgspec.Struct, frozen=True):
    """Answers with what the test gave, and remembers each call."""

    id: str
    name: str
    effect: Effect
    params: Mapping[str, Any]
    output_schema: Any
    fakes: Fakes
    calls: list[Call]
    identity: frozenset[tuple[str | int, ...]] = frozenset()
    forwards: frozenset[str] = frozenset()

    async def invoke(self, call: Call, /) -> Response:
        """A `Response` is given as it is, an error raised, anything else is a body."""
        self.calls.append(call)
        given = self.fakes[self.id]
        if callable(given) and not isinstance(given, type):
            given = given(**call.arguments)
        if inspect.isawaitable(given):
            given = await given
        if isinstance(given, GatewayError) or (isinstance(given, type) and issubclass(given, GatewayError)):
            raise given
        return given if isinstance(given, Response) else Response(given)


class FakeSource:
    """The operations of one `type: fake` document."""

    def __init__(self, fakes: Fakes, calls: list[Call], config: FakeConfig, services: Services) -> None:
        del services
        self._fakes = fakes
        self._calls = calls
        self._config = config

    def names(self) -> Iterable[str]:
        """The declared operations."""
        return self._config.operations

    def operation(self, name: str, /) -> Operation | None:
        """Bound once, at load."""
        config = self._config.operations.get(name)
        if config is None:
            return None
        params = config.params if isinstance(config.params, dict) else OPEN
        return FakeOperation(
            f"{self._config.source}.{name}", name, config.effect or "read", params, config.output_schema, self._fakes, self._calls
        )

    async def start(self) -> None:
        """There is nothing to start."""

    async def ready(self) -> bool:
        """Always."""
        return True

    async def close(self) -> None:
        """There is nothing to close."""


class FakeIdentity:
    """Knows whoever the test put on the exchange."""

    reads: frozenset[str] = frozenset()
    challenge = ""

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        """The test's caller."""
        caller: Caller = exchange.notes["scenario"]
        return caller


def caller_of(user: Mapping[str, Any] | None) -> Caller:
    """A caller with these names; None is anonymous with role `anonymous`."""
    if user is None:
        return Caller(("anonymous", "", ""), user_root(None, {"roles": ["anonymous"]}), anonymous=True)
    return Caller(("scenario", "", str(user.get("id", ""))), user_root(user.get("id"), dict(user)))


class Scenario:
    """A planned folder and what was called. `problems` are all that were found, `planned` what the plan was made from."""

    def __init__(self, assembled: Assembled, calls: list[Call], clock: Clock) -> None:
        self._plan = assembled.plan
        self.planned = assembled.planned
        self.problems = assembled.problems
        self.calls = calls
        self.clock = clock

    @property
    def plan(self) -> Plan:
        """The plan; fails the test with the problems where there is none."""
        if self._plan is None:
            raise AssertionError("\n".join(f"{each.code} {each.place} {each.message}" for each in self.problems))
        return self._plan

    @property
    def codes(self) -> list[str]:
        """The codes of all problems, in order of place."""
        return [problem.code for problem in self.problems]

    def called(self, operation: str) -> list[dict[str, Any]]:
        """The arguments of each call of `source.operation`, in order."""
        return [call.arguments for call in self.calls if call.operation == operation]

    def exchange(self, intent: str | None, given: dict[str, Any] | None = None, *, user: Mapping[str, Any] | None = None) -> Exchange:
        """A request for `intent`, not sent yet."""
        exchange = Exchange(
            request_id=uuid.uuid4().hex, started=self.clock.monotonic(), time=self.clock.now(), tenant=TENANT, path="/v1/chat"
        )
        exchange.intent = intent
        exchange.input = given or {}
        exchange.notes["scenario"] = caller_of(user)
        return exchange

    async def ask(
        self, intent: str | None, given: dict[str, Any] | None = None, *, user: Mapping[str, Any] | None = None, **more: Any
    ) -> Answer:
        """The answer; `more` sets further members of the exchange, such as `message`, `locale` or `idempotency_key`."""
        exchange = self.exchange(intent, given, user=user)
        for name, value in more.items():
            setattr(exchange, name, value)
        return await self.plan.handler(exchange)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes files below `folder`, with a minimal gateway.yaml where none is given."""
    for name, text in {ENTRY: MINIMAL, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("specs", "policies"):
        (folder / name).mkdir(exist_ok=True)
    return folder


def prepare(
    folder: Path, files: Mapping[str, str], fakes: Fakes, *, clock: Clock | None = None, environ: Mapping[str, str] | None = None
) -> Scenario:
    """Writes and plans a folder."""
    calls: list[Call] = []
    components = dict(builtins.components())
    components["source", "fake"] = _component("source", "fake", FakeConfig, partial(FakeSource, fakes, calls))
    components["identity", "scenario"] = _component("identity", "scenario", FakeIdentityConfig, lambda *_: FakeIdentity())
    loaded = load(write(folder, files), env=None, environ=environ or {}, components=components)
    clock = clock or SystemClock()
    assembled = Assembly(loaded, components, PrometheusMetrics(), clock).plan()
    return Scenario(assembled, calls, clock)


@asynccontextmanager
async def scenario(folder: Path, files: Mapping[str, str], fakes: Fakes, *, clock: Clock | None = None) -> AsyncIterator[Scenario]:
    """A planned folder whose sources are started and closed."""
    prepared = prepare(folder, files, fakes, clock=clock)
    sources = list(prepared.plan.sources.values())
    for source in sources:
        await source.start()
    for _, start in prepared.plan.starters:
        await start()
    try:
        yield prepared
    finally:
        for source in sources:
            await source.close()
        for close in prepared.plan.closers:
            await close()


def _component(kind: Any, name: str, config: type[Any], build: Callable[[Any, Any], Any]) -> Component:
    return Component(kind=kind, name=name, Config=config, build=build, summary="Played by a test.", example="", trust="plugin")
