"""What components are to the gateway. Plugins implement these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from gateway.sdk.answer import Answer
from gateway.sdk.call import Call, Effect, Response, Result
from gateway.sdk.exchange import Caller, Exchange
from gateway.sdk.source_config import CircuitBreaker, OperationConfig, SourceConfig

Handler = Callable[[Exchange], Awaitable[Answer]]
CallHandler = Callable[[Call], Awaitable[Result]]


class Stage(Protocol):
    """A wrapper round a request, folded into one handler at load.

    Called once a request with the rest of the pipeline as `proceed`; may answer itself, change the exchange, raise a
    `GatewayError`, or look at the answer that `proceed` gives.
    """

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer: ...


class Interceptor(Protocol):
    """A wrapper round a backend call, folded into one handler per operation at load."""

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result: ...


CONNECTION = ":connection"
"""Among what an authenticator `reads`: the certificate of the connection, `Exchange.certificate`. No header has such a name."""


class Authenticator(Protocol):
    """Tells who is calling from the request's headers and connection.

    `reads` are the request headers, in lower case, in which it looks for credentials, or `CONNECTION`; empty where it needs none.
    `challenge` tells a caller without a valid credential how to get in, as a value of `WWW-Authenticate` (RFC 9110 §11.6.1) such as
    `Bearer realm="gateway"`; empty where there is nothing to tell.
    Gives None where the request carries no credential of this kind; raises `Unauthorized` where it carries one that is not valid
    (a presented but invalid credential is never anonymous), and `Unavailable` where it can't be verified now.
    Called side by side for many requests, with the headers and the client's address as they came in: it changes neither.
    """

    @property
    def reads(self) -> frozenset[str]: ...
    @property
    def challenge(self) -> str: ...
    async def __call__(self, exchange: Exchange, /) -> Caller | None: ...


class Operation(Protocol):
    """One operation of a source, bound at load.

    `params` is a JSON Schema of an object (what `with` may name), `output_schema` that of the decoded body or None where it is
    not known. `identity` are the references (such as `user.id`) and `forwards` the request headers that may change what is
    sent besides the arguments: both become part of every cache and coalescing key.
    `invoke` performs the call: it gives a `Response` whatever the status, and raises a `BackendFailure` where there was none
    (or `InvalidRequest` where an argument can't be sent, `Unauthorized` where the caller has no token to be passed on).
    """

    @property
    def name(self) -> str: ...
    @property
    def effect(self) -> Effect: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def output_schema(self) -> Any: ...
    @property
    def identity(self) -> frozenset[tuple[str | int, ...]]: ...
    @property
    def forwards(self) -> frozenset[str]: ...

    async def invoke(self, call: Call, /) -> Response: ...


class Source(Protocol):
    """A backend with operations. Built at load; `start` runs before the port opens, `close` after the last request.

    `names` are all operations that can be called (an imported document's operationIds included); `operation` binds one
    the first time it is asked for, and gives None for an unknown name. `start` may raise `BackendFailure`: the gateway starts all
    the same and `ready` tells.
    """

    def names(self) -> Iterable[str]: ...
    def operation(self, name: str, /) -> Operation | None: ...
    async def start(self) -> None: ...
    async def ready(self) -> bool: ...
    async def close(self) -> None: ...


class Binding(msgspec.Struct, frozen=True):
    """What an interceptor's `build(binding, services)` receives: one operation, and how its document configures it.

    `build` gives None where the operation doesn't ask for this interceptor: it is then not in the chain. `source` holds the keys of the
    whole source, `breaker` the circuit breaker that is in force for the operation, looked up by name where it is named. `sibling` gives
    the whole chain of another operation of the same source, at load. `involved` are the operation itself and those that its `batch`
    leads to: what any of them sends decides who may share an answer (`gateway.sdk.sharing`). `apart` are the tenants that have servers
    or credentials of their own for the source: they share neither limits nor circuits nor answers with others. `shared` is where what all
    operations of the source have in common is kept, by the interceptor's name.
    """

    id: str
    operation: Operation
    config: OperationConfig
    source: SourceConfig
    sibling: Callable[[str], CallHandler | None]
    involved: tuple[Operation, ...]
    breaker: CircuitBreaker | None = None
    apart: frozenset[str] = frozenset()
    shared: dict[str, Any] = {}

    def lane(self, tenant: str) -> str:
        """The tenant's id where it is apart, else an empty text: calls of one lane go to the same servers with the same credentials."""
        return tenant if tenant in self.apart else ""


class Function(msgspec.Struct, frozen=True):
    """A pure function for expressions; `minimum` and `maximum` count its arguments (None: any number)."""

    name: str
    function: Callable[..., Any]
    minimum: int
    maximum: int | None
    summary: str
