"""One request on its way through the pipeline. `Exchange` is the only mutable object of a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from gateway.sdk.answer import Answer, Reply

if TYPE_CHECKING:
    from gateway.sdk.access import Access
    from gateway.sdk.allowance import Verdict
    from gateway.sdk.errors import GatewayError

Scope = dict[str, Any]
"""The roots that an expression sees, by name (language §2.6)."""


class Caller(msgspec.Struct, frozen=True):
    """Who is asking. `user` is the root of expressions; `key` is the identity that every cache, coalescing and session key holds.

    `key` is (kind of identity, issuer, id): two callers with equal keys are the same person.
    `tenant` is the tenant that the configuration binds the credential to; None where it binds it to none.
    """

    key: tuple[str, str, str]
    user: dict[str, Any]
    anonymous: bool = False
    tenant: str | None = None

    @property
    def roles(self) -> list[str]:
        """The caller's roles: those that the credential tells and, from the phase `limit` on, those that conditions give. Not what
        they inherit."""
        roles: list[str] = self.user["roles"]
        return roles


class Tenant(msgspec.Struct, frozen=True):
    """Whose configuration applies; without `tenants:` there is one, `default`. `locale` is that of replies where the caller names none."""

    id: str
    root: dict[str, Any]
    locale: str | None = None


class IntentCard(Protocol):
    """What the pipeline knows of an intent; the runtime implements it."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def summary(self) -> str | None: ...
    @property
    def description(self) -> str | None: ...
    @property
    def examples(self) -> tuple[str, ...]: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def input_schema(self) -> dict[str, Any]: ...
    @property
    def output_schema(self) -> Any: ...
    @property
    def access(self) -> Access: ...
    @property
    def writes(self) -> bool:
        """Whether it has a write step, its own or a sub-intent's."""

    @property
    def deadline(self) -> float:
        """Seconds."""

    def accept(self, given: dict[str, Any], *, from_text: bool) -> dict[str, Any]:
        """The input, defaults applied; with `from_text`, texts are coerced where the schema says number or boolean.

        Raises `InvalidRequest` with every fault as `{"pointer", "message"}` in `details`.
        """

    def reply(self, scope: Scope, answer: Answer) -> Reply | None:
        """The reply for this answer in `scope`'s locale, or None where the intent has none for the case."""

    def hide(self, scope: Scope, answer: Answer) -> Collection[str]:
        """Leaves in `answer` what its caller may see of data and errors. The paths of what is hidden, a reply's among them once it is made.

        Comes before `reply`, with the same scope. Raises `ExpressionFault`: then nothing of the data may be shown.
        """


class Catalogue(Protocol):
    """The intents of a plan, highest version of each."""

    def get(self, name: str, /) -> IntentCard | None: ...
    def __iter__(self) -> Iterator[IntentCard]: ...


class Exchange:
    """A request, what was found out about it on the way, and its answer.

    `started` and `deadline` are seconds on the clock's monotonic scale; `time` is the request's wall time, the only `now()`.
    `headers` are lower-case and single-valued; `body` is decoded JSON. `chosen` is set by the phase `understand`,
    `caller` by `identify`, `answer` by `render`. `error` is what was found wrong while the request was read: it is answered with
    that. `languages` are what the caller wants, the most wanted first; `locale` is what fits of those that the plan knows.
    `deadline_limit` is how many seconds the caller gives at most. A route gives `access`, which must permit
    besides the intent's own, and `compose`, which makes the input once the caller is known.
    `input_pointer` is where the input stands in the request's body, as a JSON pointer: faults are told below it.
    `scheme` is `http` or `https`, as the caller asked; `certificate` is the client's own (PEM) where it showed one to the gateway itself.
    `via_proxy`: it came through a proxy that the configuration trusts, so headers that a proxy adds may be believed.
    `raw_path`, `query` and `raw_body` are what the request line and the body held, byte for byte, for those who check a signature.
    `allowance` is what the caller has left of the limit that is nearest, once it was charged.
    `notes` is where plugins keep what they pass to each other, by plugin name.
    """

    __slots__ = (
        "access", "allowance", "answer", "body", "caller", "certificate", "channel", "chosen", "client_ip", "compose", "confidence",
        "deadline", "deadline_limit", "error", "fields", "headers", "host", "idempotency_key", "input", "input_pointer", "intent",
        "languages", "locale", "message", "method", "notes", "path", "query", "raw_body", "raw_path", "request_id", "route", "scheme",
        "scope", "session", "started", "tenant", "time", "traceparent", "version", "via_proxy",
    )  # fmt: skip

    def __init__(
        self,
        *,
        request_id: str,
        started: float,
        time: datetime,
        tenant: Tenant,
        method: str = "POST",
        path: str = "",
        headers: Mapping[str, str] | None = None,
        client_ip: str = "",
        host: str = "",
    ) -> None:
        self.request_id = request_id
        self.started = started
        self.time = time
        self.tenant = tenant
        self.method = method
        self.path = path
        self.headers: Mapping[str, str] = headers or {}
        self.client_ip = client_ip
        self.host = host
        self.via_proxy, self.scheme = False, "http"
        self.certificate: str | None = None
        self.raw_path = self.query = self.raw_body = b""
        self.body: Any = None
        self.intent: str | None = None
        self.version: int | None = None
        self.input: dict[str, Any] = {}
        self.message: str | None = None
        self.fields: list[str] | None = None
        self.session: str | None = None
        self.languages: tuple[str, ...] = ()
        self.locale, self.channel = "en", "api"
        self.idempotency_key: str | None = None
        self.input_pointer = "/input"
        self.traceparent: str | None = None
        self.deadline_limit: float | None = None
        self.deadline: float = 0.0
        self.caller: Caller | None = None
        self.chosen: IntentCard | None = None
        self.confidence: float | None = None
        self.route: str | None = None
        self.access: Access | None = None
        self.allowance: Verdict | None = None
        self.compose: Callable[[Scope], dict[str, Any]] | None = None
        self.scope: Scope | None = None
        self.error: GatewayError | None = None
        self.answer: Answer | None = None
        self.notes: dict[str, Any] = {}

    def policy_scope(self, config: dict[str, Any], open_circuits: list[str] | None = None) -> Scope:
        """The roots `user tenant ctx config`, once the caller is known. `open_circuits` is what `Standings` tells for the tenant."""
        if self.caller is None:
            raise RuntimeError("the caller is not identified yet")
        return {
            "user": self.caller.user,
            "tenant": self.tenant.root,
            "config": config,
            "ctx": {
                "request_id": self.request_id,
                "channel": self.channel,
                "locale": self.locale,
                "client_ip": self.client_ip,
                "time": self.time.isoformat(),
                "host": self.host,
                "open_circuits": [] if open_circuits is None else open_circuits,
            },
        }
