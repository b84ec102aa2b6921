"""Operations, bindings and calls for tests of interceptors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import msgspec

from gateway.sdk import (
    Binding,
    Call,
    CallContext,
    CallHandler,
    Effect,
    Operation,
    OperationConfig,
    Reference,
    Response,
    Result,
    SourceConfig,
)


class FakeOperation(msgspec.Struct, frozen=True):
    """An operation that sends what `identity` and `forwards` say."""

    name: str = "order"
    effect: Effect = "read"
    params: Mapping[str, Any] = {}
    output_schema: Any = None
    identity: frozenset[Reference] = frozenset()
    forwards: frozenset[str] = frozenset()

    async def invoke(self, call: Call, /) -> Response:
        raise NotImplementedError


def binding_of(operation: Operation, config: OperationConfig | None = None, sibling: CallHandler | None = None, **more: Any) -> Binding:
    """`more` are further members of the binding; its `source` is an empty one unless given."""
    source = more.pop("source", None) or SourceConfig(source="erp", type="static")
    return Binding(f"erp.{operation.name}", operation, config or OperationConfig(), source, lambda _: sibling, (operation,), **more)


def call_by(
    user: str = "u1",
    *,
    tenant: str = "t1",
    arguments: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = 5.0,
    **names: Any,
) -> Call:
    """A call with `seconds` left; `names` are further names of the user."""
    scope = {"user": {"id": user, "roles": [], **names}, "tenant": {"id": tenant}, "ctx": {"locale": "en"}, "config": {}}
    context = CallContext(scope, (tenant, "test", "", user), headers or {})
    return Call("erp.order", dict(arguments or {}), context, monotonic() + seconds)


def value(anything: Any) -> Result:
    return Result(anything, Response(anything))


def answering(work: Callable[[Call], Awaitable[Any]]) -> CallHandler:
    """The rest of a chain, which gives what `work` gives."""

    async def proceed(call: Call) -> Result:
        return value(await work(call))

    return proceed
