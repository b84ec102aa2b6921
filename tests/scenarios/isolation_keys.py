"""Every key under which one caller may be given what another asked for, and pairs of requests that may not have the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from gateway.expressions import compile_expression, compile_template
from gateway.planner.recalls import Read
from gateway.policies.answer_code import Address
from gateway.policies.batch import Batcher, Target
from gateway.policies.cache_key import CacheKeys
from gateway.policies.coalesce import Coalesce
from gateway.runtime.intent_cache import IntentCache
from gateway.sdk import Call, CallContext, CallHandler, Compiled, Reference, Response, Result, SystemClock
from gateway.sdk.sharing import Sharing
from gateway.sdk.source_config import Batch
from tests.policies.calls_under_way import FakeOperation
from tests.server.gateways import make_intent

ROOTS = frozenset({"args", "user", "tenant", "ctx", "config"})


class Request(msgspec.Struct, frozen=True):
    """All that a request has that may be told to a backend."""

    identity: tuple[str, ...] = ("acme", "jwt", "https://id.example", "ada")
    user: Mapping[str, Any] = msgspec.field(default_factory=lambda: {"id": "ada"})
    tenant: Mapping[str, Any] = msgspec.field(default_factory=lambda: {"id": "acme"})
    ctx: Mapping[str, Any] = msgspec.field(default_factory=lambda: {"locale": "en"})
    headers: Mapping[str, str] = {}
    arguments: Mapping[str, Any] = {}

    @property
    def scope(self) -> dict[str, Any]:
        """The roots."""
        return {"user": self.user, "tenant": self.tenant, "ctx": self.ctx, "config": {}, "input": dict(self.arguments)}

    def call(self) -> Call:
        """A call of the operation."""
        context = CallContext(self.scope, self.identity, self.headers)
        return Call("erp.order", dict(self.arguments), context, monotonic() + 5.0)


class Operation(NamedTuple):
    """What the operation tells of a request; `key` is `cache.key`."""

    identity: frozenset[Reference] = frozenset()
    forwards: frozenset[str] = frozenset()
    key: tuple[str, ...] = ()

    @property
    def sharing(self) -> Sharing:
        """Its rule."""
        return Sharing(FakeOperation(identity=self.identity, forwards=self.forwards))


def compiled(text: str) -> Compiled:
    """A bare expression."""
    expression, faults = compile_expression(text, roots=ROOTS)
    assert expression is not None, faults
    return expression


def template(value: Any) -> Compiled:
    """A template."""
    made, faults = compile_template(value, roots=ROOTS)
    assert made is not None, faults
    return made


async def keys(operation: Operation, request: Request) -> dict[str, Hashable]:
    """All keys of a request, by the name of what is found by them. Those of tenants are in all but `public`."""
    sharing, call = operation.sharing, request.call()
    found: dict[str, Hashable] = {"rule": sharing.key(call.context)}
    if not operation.identity and not operation.forwards:
        found.clear()  # it knows no arguments, and parts tenants alone
    for scope in (None, "user", "tenant", "public"):
        made = CacheKeys(sharing, scope, apart=frozenset(), further=[compiled(text) for text in operation.key])
        key = made.of(call, made.scope(call))
        address = Address("erp.order", b"r", key)
        found |= {f"cache {scope}": key, f"redis {scope}": address.key, f"proof {scope}": address.whose}
    found |= {f"intent {scope}": _of_intent(operation, request, scope) for scope in ("user", "tenant", "public")}
    if not operation.key:
        found["coalesce"] = await _flown(operation, call)
        found["batch"] = await _gathered(operation, call)
    return found


def _of_intent(operation: Operation, request: Request, scope: Any) -> Hashable:
    cache = IntentCache(
        intent=make_intent("ask"),
        scope=scope,
        sharing=Sharing(Read(operation.identity, operation.forwards)),
        barriers={},
        fresh=1.0,
        members=tuple(compiled(text) for text in operation.key),
    )
    return cache.key(CallContext(request.scope, request.identity, request.headers), request.scope)


class _Spy:
    """Stands in place of flights, and tells the key."""

    def __init__(self) -> None:
        self.keys: list[Hashable] = []

    async def fly(self, key: Hashable, call: Call, work: Callable[[Call], Awaitable[Result]]) -> Result:
        self.keys.append(key)
        return await work(call)


async def _answer(call: Call) -> Result:
    return Result(None, Response([]))


async def _flown(operation: Operation, call: Call) -> Hashable:
    coalesce, spy = Coalesce(operation.sharing, SystemClock()), _Spy()
    coalesce._flights = spy  # type: ignore[assignment]
    await coalesce(call, _answer)
    return spy.keys[0]


async def _gathered(operation: Operation, call: Call) -> Hashable:
    """The group of a batch, whose own argument is another one than those that requests differ in."""
    made = batcher(operation, _answer)
    waiting = asyncio.ensure_future(made(call_with(call, "id", "1"), _answer))
    await asyncio.sleep(0)
    (group,) = made._gathering
    await waiting
    return group


def batcher(operation: Operation, many: CallHandler) -> Batcher:
    """Gathers calls by their argument `id`; `many` answers them together."""
    config = Batch(operation="many", param="ids", match={"id": "id"})
    return Batcher(config, Target("erp.many", many), compiled_rows(), sharing=operation.sharing, clock=SystemClock())


def compiled_rows() -> Compiled:
    """Where a batch has its rows."""
    expression, faults = compile_expression("body", roots=frozenset({"body", "headers", "status_code"}))
    assert expression is not None, faults
    return expression


def call_with(call: Call, name: str, value: Any) -> Call:
    """The same with another argument."""
    return call.replace(arguments={**call.arguments, name: value})


NEAR: tuple[Any, ...] = (
    1, 1.0, True, "1", "1.0", "true", 0, -1, 0.0, False, "0", "false", "", " ", "null", None, [], {}, "[]", "{}", [None], [1], ["1"], [[1]],
    [1, 1], [True], {"a": None}, {"a": 1}, {"a": "1"}, {"a": 1, "b": 2}, {"a": {"b": 2}}, [["a", 1]], [{"a": 1}], {"a": [1]}, '{"a":1}',
    "é", "e\u0301", "É", "Å", "\u212b", "ﬁ", "fi", "a", "A", "a ", "\u200ba", "a\u0000", "a,b", ["a", "b"], ["a,b"], ["b", "a"],
    10**15, 1e15, 0.1, "0.1", 9007199254740993, 9007199254740992,
)  # fmt: skip
"""Values of which each is another than all others, however like it looks."""


def near_texts() -> list[str | None]:
    """The same for headers; None is one that isn't there."""
    return [None, *(value for value in NEAR if isinstance(value, str))]


def strict(value: Any) -> Any:
    """Equal for the same values only: `1` is neither `True` nor `1.0`."""
    if isinstance(value, Mapping):
        return ("map", tuple(sorted((name, strict(member)) for name, member in value.items())))
    if isinstance(value, list | tuple):
        return ("list", tuple(strict(member) for member in value))
    return (type(value).__name__, value)


def pairs(values: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each two of them."""
    for number, one in enumerate(values):
        for other in values[number + 1 :]:
            yield one, other
