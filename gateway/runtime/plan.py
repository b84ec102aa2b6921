"""The plan: everything that a request needs, looked up, compiled and checked at load. Frozen; a reload makes a new one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any, Literal

import msgspec

from gateway.policies.auditor import Auditor
from gateway.policies.level_keeper import LevelKeeper
from gateway.policies.limits import Limits
from gateway.policies.pressure import Pressure
from gateway.runtime.cross_origin import CrossOrigin
from gateway.runtime.languages import Languages
from gateway.runtime.listener_tls import ListenerFiles
from gateway.runtime.proxies import Proxies
from gateway.runtime.shown import Shown
from gateway.sdk import (
    NO_LIMITS,
    Access,
    Answer,
    Caller,
    CallHandler,
    Compiled,
    Effect,
    GatewayError,
    Handler,
    RecordStore,
    Reference,
    Reply,
    Scope,
    Source,
    StepLimits,
)
from gateway.sdk.kept import AnswerStore
from gateway.sdk.standings import Standings
from gateway.sdk.state import StateStore

Deny = Literal["forbidden", "not_found", "unauthorized"]
ItemError = Literal["fail", "drop", "keep_null"]


class Check(msgspec.Struct, frozen=True):
    """A `guard` or `ensure`: passes only where `condition` is true. `place` is its file:line, for the operator's records."""

    condition: Compiled
    deny: type[GatewayError]
    place: str


class Argument(msgspec.Struct, frozen=True):
    """One member of `with`. A literal null is sent; an expression that yields null drops the argument."""

    name: str
    value: Compiled
    literal: bool


class OperationPlan(msgspec.Struct, frozen=True):
    """An operation as steps call it: `handler` is the whole chain of interceptors round it; `timeout` is that of one attempt, in seconds.

    `tries` is how often it may be sent at most, `pause` the longest wait between two tries, in seconds; `keeps` says that its answers
    are kept, `local` that they are in the configuration: no backend is asked.
    `complete` validates arguments against `params` (a JSON Schema) and applies its defaults; it raises `InvalidRequest`.
    """

    id: str
    source: str
    name: str
    effect: Effect
    handler: CallHandler
    timeout: float
    required: frozenset[str]
    complete: Callable[[dict[str, Any]], dict[str, Any]]
    params: Mapping[str, Any]
    batched: bool = False
    tries: int = 1
    pause: float = 0.0
    keeps: bool = False
    local: bool = False

    def allowance(self, narrowed: float | None, limits: StepLimits) -> float:
        """The longest that one call may take, all its tries included, in seconds; `narrowed` is a step's own timeout."""
        timeout = self.timeout if narrowed is None else min(narrowed, self.timeout)
        if self.tries == 1:
            return timeout
        own = limits.retry
        tries = self.tries if own is None else min(self.tries, 1 + own.max)
        pause = self.pause if own is None or own.backoff is None else min(self.pause, own.backoff[1])
        return timeout * tries + pause * (tries - 1)


class CallOperation(msgspec.Struct, frozen=True):
    """`call: source.operation`, and `emit` to one."""

    operation: OperationPlan
    arguments: tuple[Argument, ...]


class CallIntent(msgspec.Struct, frozen=True):
    """`call: intent.<name>`: runs as the caller."""

    intent: IntentPlan
    arguments: tuple[Argument, ...]


class Join(msgspec.Struct, frozen=True):
    """Rows of two lists brought together by key. Exactly one of `attribute` (`as`) and `merge` is set."""

    left: Compiled
    right: Compiled
    left_fields: tuple[str, ...]
    right_fields: tuple[str, ...]
    cardinality: Literal["one", "many"] = "one"
    keep_unmatched: bool = True
    attribute: str | None = None
    cast: Literal["string", "int", "lower"] | None = None


class Let(msgspec.Struct, frozen=True):
    """Named intermediates, in the order written."""

    members: tuple[tuple[str, Compiled], ...]


Action = CallOperation | CallIntent | Join | Let


class Rung(msgspec.Struct, frozen=True):
    """One rung of a ladder: a call (with its own `output`) or a value to return; applies where `when` is absent or true.

    `stale` is the greatest age, in seconds, of a kept answer to the step's own call, which then stands in for a new one.
    """

    number: int
    when: Compiled | None
    call: CallOperation | CallIntent | None = None
    value: Compiled | None = None
    output: Compiled | None = None
    transforms: tuple[Compiled, ...] = ()
    timeout: float | None = None
    stale: float | None = None


class ForEach(msgspec.Struct, frozen=True):
    """One action per item. `concurrency` bounds calls in flight, `max_items` the list."""

    items: Compiled
    name: str
    concurrency: int
    max_items: int
    item_error: ItemError


class StepPlan(msgspec.Struct, frozen=True):
    """A node of the DAG. `waits_for` and `followers` are positions in the intent's `steps`.

    `barriers` are the positions of steps whose `ensure` must have passed before this one may start (writes only); they are
    part of `waits_for`. `timeout` is in seconds, None where the operation's own holds; `limits` are what else it makes narrower.
    """

    id: str
    action: Action
    waits_for: tuple[int, ...]
    followers: tuple[int, ...]
    writes: bool = False
    barriers: tuple[int, ...] = ()
    when: Compiled | None = None
    foreach: ForEach | None = None
    ladder: tuple[Rung, ...] = ()
    ensures: tuple[Check, ...] = ()
    output: Compiled | None = None
    transforms: tuple[Compiled, ...] = ()
    required: bool = True
    timeout: float | None = None
    limits: StepLimits = NO_LIMITS

    @property
    def checks(self) -> bool:
        """Whether it has an `ensure`, its own or one of a sub-intent that it may call."""
        calls = (self.action, *(rung.call for rung in self.ladder))
        return bool(self.ensures) or any(isinstance(call, CallIntent) and call.intent.checks for call in calls)

    @property
    def sources(self) -> frozenset[str]:
        """Every source that it may call, by a rung or a sub-intent too."""
        calls = (self.action, *(rung.call for rung in self.ladder))
        direct = frozenset(call.operation.source for call in calls if isinstance(call, CallOperation))
        return direct.union(*(call.intent.sources for call in calls if isinstance(call, CallIntent)))

    @property
    def source(self) -> str | None:
        """The source it calls, for reports."""
        return self.action.operation.source if isinstance(self.action, CallOperation) else None

    @property
    def operation(self) -> str | None:
        """The operation or intent it calls, for reports."""
        if isinstance(self.action, CallOperation):
            return self.action.operation.name
        return f"intent.{self.action.intent.name}" if isinstance(self.action, CallIntent) else None


class ReplyPlan(msgspec.Struct, frozen=True):
    """One form of the reply. `texts` by locale, with key `""` for a text in no particular one.

    `for_failures`: its `when` looks at `error` or `status`, so it may answer for a failed or denied request.
    """

    when: Compiled | None
    texts: Mapping[str, Compiled]
    blocks: Compiled | None = None
    actions: Compiled | None = None
    suggestions: Compiled | None = None
    for_failures: bool = False


class IntentPlan(msgspec.Struct, frozen=True):
    """An intent, ready to run (an `IntentCard` to the pipeline).

    `read` validates and completes input; `render` makes the reply; both are bound at load. `deadline` is in seconds. `steps`
    are in a topological order, `first` are those that wait for none. `required` are the inputs that a sub-call must give, `depth`
    counts the sub-intents inside it, `languages` are those that its reply is written in. `checks` tells whether it has a `guard` or an
    `ensure`, its own or a sub-intent's; `sources` are all that it may call, by a sub-intent too. `reads` is what its own steps and its
    output read, as far as they do more than check; `cache_key` and `cache_tags` are those of its `cache`. `shown` hides
    what masks are about; None where no rule is about anything of its answers.
    """

    name: str
    version: int
    access: Access
    input_schema: dict[str, Any]
    read: Callable[[dict[str, Any], bool], dict[str, Any]]
    render: Callable[[Scope, Answer], Reply | None]
    steps: tuple[StepPlan, ...]
    deadline: float
    output: Compiled | None = None
    output_schema: Any = None
    summary: str | None = None
    description: str | None = None
    examples: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    guards: tuple[Check, ...] = ()
    idempotency_key: tuple[Compiled, ...] = ()
    writes: bool = False
    first: tuple[int, ...] = ()
    required: frozenset[str] = frozenset()
    depth: int = 0
    place: str = ""
    languages: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    shown: Shown | None = None
    checks: bool = False
    reads: frozenset[Reference] = frozenset()
    cache_key: tuple[Compiled, ...] = ()
    cache_tags: tuple[Compiled, ...] = ()

    def __post_init__(self) -> None:
        """Looked at once: intents may call each other in many ways, and asking each time would follow every one of them."""
        msgspec.structs.force_setattr(self, "checks", bool(self.guards) or any(step.checks for step in self.steps))

    def accept(self, given: dict[str, Any], *, from_text: bool) -> dict[str, Any]:
        """See `IntentCard.accept`."""
        return self.read(given, from_text)

    def reply(self, scope: Scope, answer: Answer) -> Reply | None:
        """See `IntentCard.reply`."""
        return self.render(scope, answer)

    def hide(self, scope: Scope, answer: Answer) -> Collection[str]:
        """See `IntentCard.hide`."""
        return () if self.shown is None else self.shown.hide(scope, answer)


class RoutePlan(msgspec.Struct, frozen=True):
    """A user route that binds to an intent. `input` and `respond` see the roots of language §2.6.

    `path` is a template such as `/orders/{order_id}`; `/**` at its end matches the rest. `access` must permit besides the
    intent's own, and is None where the route asks for nothing more. `cross_origin` is in place of the gateway's own.
    """

    name: str
    methods: tuple[str, ...]
    path: str
    intent: IntentPlan
    input: Compiled | None = None
    access: Access | None = None
    respond_status: Compiled | None = None
    respond_headers: tuple[tuple[str, Compiled], ...] = ()
    respond_body: Compiled | None = None
    responds: bool = False
    cross_origin: CrossOrigin | None = None


class IntentCatalogue(msgspec.Struct, frozen=True):
    """The highest version of each intent, in order of name."""

    intents: Mapping[str, IntentPlan]

    def get(self, name: str, /) -> IntentPlan | None:
        """The intent of that name."""
        return self.intents.get(name)

    def __iter__(self) -> Iterator[IntentPlan]:
        return iter(self.intents.values())


class QueueSettings(msgspec.Struct, frozen=True):
    """How long a request may wait before it begins, in seconds, and how many may."""

    wait: float = 0.120
    most: int = 1000


class ServerSettings(msgspec.Struct, frozen=True):
    """Where and how to listen; sizes in bytes. `proxies` are those in front. Without `tls` the public listener speaks plain HTTP,
    without `cross_origin` no page of another origin is let in. `public_url` is the gateway's address as callers see it. `memory` is
    what a process may take; what its container may where unset. `workers` are the processes that serve, `drain` the seconds that requests
    in flight have at a stop."""

    host: str = "127.0.0.1"
    port: int = 8080
    admin_host: str = "127.0.0.1"
    admin_port: int = 9090
    admin_is_default: bool = True
    max_body: int = 1 << 20
    proxies: Proxies = Proxies()
    tls: ListenerFiles | None = None
    cross_origin: CrossOrigin | None = None
    public_url: str | None = None
    queue: QueueSettings = QueueSettings()
    memory: int | None = None
    workers: int = 1
    drain: float = 20.0

    def at(self, port: int | None) -> ServerSettings:
        """The same at another public port."""
        return self if port is None else msgspec.structs.replace(self, port=port)


class Plan(msgspec.Struct, frozen=True):
    """All of it.

    `handler` is the folded pipeline, `front` its phases before `understand` alone, for what needs a caller and no intent; `layers`
    are its phases and stages, outside in, for those who want to see them. `digest` names the configuration (`sha256:…`);
    `credentials` are the request headers that identity kinds read, in lower case;
    `permitted` tells whether a caller holds a permission such as `trace`, in the request's scope; `languages` are those of all replies.
    `starters` are run before the port opens, by the component they belong to; `closers` at the end, in their order.
    `hide_in_logs` takes personal data out of the texts of log records.
    `records` is the store of audit records, whether or not anything is recorded; `answers` is where answers are kept;
    `auditor` is there where a policy `audit` is; `state` is what workers and nodes share, None where each process keeps its own.
    `levels` are the degradation levels in force, and where operators set them.
    `standings` tells how the sources stand at the moment, `pressure` what there is no room for.
    """

    name: str
    digest: str
    catalogue: IntentCatalogue
    routes: tuple[RoutePlan, ...]
    sources: Mapping[str, Source]
    handler: Handler
    front: Handler
    layers: tuple[tuple[str, str], ...]
    server: ServerSettings
    permitted: Callable[[Caller, str, Scope | None], bool]
    credentials: frozenset[str] = frozenset()
    starters: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = ()
    closers: tuple[Callable[[], Any], ...] = ()
    logs: Literal["json", "text"] = "json"
    hide_in_logs: Callable[[str], str] | None = None
    metrics: bool = True
    languages: Languages = Languages()
    records: RecordStore | None = None
    state: StateStore | None = None
    answers: AnswerStore | None = None
    auditor: Auditor | None = None
    limits: Limits | None = None
    levels: LevelKeeper | None = None
    standings: Standings = msgspec.field(default_factory=Standings)
    pressure: Pressure = msgspec.field(default_factory=Pressure)
