"""The keys that every source and every operation has (language §3). A source kind's `Config` extends these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from gateway.sdk.fields import (
    Duration,
    DurationOrAuto,
    DurationRange,
    Expr,
    JsonSchema,
    Name,
    Secret,
    Size,
    Template,
    default,
    described,
    form,
    planned,
)

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every configuration model is: frozen, by keyword, closed.

    `exactly_one` holds groups of keys of which exactly one is written; `only_with` tells for a key the keys of which at least
    one must be written beside it. Both are checked where the model is used.
    """

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = ()
    only_with: ClassVar[Mapping[str, tuple[str, ...]]] = {}


Retried = Literal["connect", "timeout"] | int
"""What may be tried again: a backend that can't be reached, one that doesn't answer in time, or an HTTP status."""


class Retry(Model, frozen=True, kw_only=True):
    """Another try of a call that failed, inside the source's retry budget: reads, and writes that have a key.

    What is unset in a step is what its operation says (`narrowed`).
    """

    max: Annotated[int, msgspec.Meta(ge=0), described("Further tries after the first.")] = 1
    codes: Annotated[
        Annotated[list[Retried], msgspec.Meta(min_length=1)] | None,
        described("What is tried again: `connect`, `timeout`, 408, 429 or a status from 500 on; `connect`, 502, 503 and 504 where unset."),
    ] = None
    backoff: Annotated[
        DurationRange | None, described("Wait between tries, grown with jitter, as `50ms..500ms`; `25ms..250ms` where unset.")
    ] = None

    @property
    def retried(self) -> Sequence[Retried]:
        """The codes in force."""
        return RETRIED if self.codes is None else self.codes

    @property
    def waits(self) -> tuple[float, float]:
        """The shortest and the longest wait between tries that is in force, in seconds."""
        return BACKOFF if self.backoff is None else self.backoff

    def narrowed(self, step: Retry | None) -> Retry:
        """What is left of it for a step: never more tries, other codes or longer waits."""
        if step is None:
            return self
        codes = self.codes if step.codes is None else [code for code in self.retried if code in step.codes]
        backoff = self.backoff
        if step.backoff is not None:
            (low, high), (lower, shorter) = self.waits, step.backoff
            backoff = DurationRange((min(low, lower), min(high, shorter)))
        return Retry(max=min(self.max, step.max), codes=codes, backoff=backoff)


RETRIED: tuple[Retried, ...] = ("connect", 502, 503, 504)
BACKOFF = DurationRange((0.025, 0.25))
ONCE = Retry(max=0)


class CircuitBreaker(Model, frozen=True, kw_only=True):
    """When to stop calling a failing backend, and when to try again."""

    only_with = {
        "minimum_calls": ("window",),
        "failure_rate": ("window",),
        "slow_call_duration": ("window",),
        "slow_call_rate": ("slow_call_duration",),
    }

    failure_threshold: Annotated[Positive, described("Consecutive failures that open the circuit.")] = 5
    recovery_timeout: Annotated[Duration, described("How long the circuit stays open before a probe; 60s by default.")] = default(
        Duration.parse, "60s"
    )
    success_threshold: Annotated[Positive, described("Probes that must succeed before it closes.")] = 1
    window: Annotated[Duration | None, described("Length of the sliding window; with it, rates count instead of runs.")] = None
    minimum_calls: Annotated[Positive, described("Calls in the window before a rate counts.")] = 20
    failure_rate: Annotated[float, msgspec.Meta(gt=0, le=1), described("Share of failures that opens the circuit.")] = 0.5
    slow_call_duration: Annotated[Duration | None, described("From when on a call counts as slow.")] = None
    slow_call_rate: Annotated[float, msgspec.Meta(gt=0, le=1), described("Share of slow calls that opens the circuit.")] = 1.0


class Cache(Model, frozen=True, kw_only=True):
    """How long an answer may be kept, and for whom."""

    ttl: Annotated[DurationOrAuto, described("How long an answer is fresh; `auto` follows the backend's own headers.")]
    stale_while_revalidate: Annotated[Duration | None, described("How long a stale answer is used while a new one is fetched.")] = None
    stale_if_error: Annotated[Duration | None, described("How long a stale answer may stand in for a failing backend.")] = None
    scope: Annotated[Literal["public", "tenant", "user"] | None, described("Who may share an entry.")] = None
    key: Annotated[list[Expr] | None, described("What else makes an entry different.")] = None
    negative: Annotated[Duration | None, described("How long `not_found` is remembered.")] = None
    tags: Annotated[list[Template], described("Names by which entries are purged, as `orders` or `customer:${ args.customer_id }`.")] = []


class Batch(Model, frozen=True, kw_only=True):
    """Many calls of this operation as one call of another, matched by key (never by position)."""

    operation: Annotated[str, described("The operation that takes many keys at once.")]
    param: Annotated[str, described("Its parameter that takes the list of keys.")]
    join: Annotated[str | None, described("Separator where that parameter is one text; without it a list is sent.")] = None
    max: Annotated[Positive, described("Most keys in one call.")] = 50
    wait: Annotated[Duration, described("How long a first key waits for others; 0s by default: what is asked in one go.")] = default(
        Duration.parse, "0s"
    )
    rows: Annotated[Expr, described("Where the list of rows is in the batch operation's answer.")] = "body"
    match: Annotated[dict[str, str], msgspec.Meta(min_length=1), described("Parameter of this operation → field of a row.")]


class Paginate(Model, frozen=True, kw_only=True):
    """How the backend splits long lists."""

    style: Annotated[Literal["cursor", "offset", "page", "link"], described("How the next page is asked for.")]
    items: Annotated[Expr, described("Where the rows of one page are.")] = "body"
    next: Annotated[Expr | None, described("Where the next cursor is.")] = None
    param: Annotated[str | None, described("The parameter that takes the cursor, offset or page.")] = None
    page_size: Annotated[Positive | None, described("Rows asked for at once.")] = None
    max_pages: Annotated[Positive, described("Most pages read.")] = 10
    mode: Annotated[Literal["drain", "page"], described("Read all pages, or hand out one.")] = "drain"


class Idempotency(Model, frozen=True, kw_only=True):
    """How the backend is told that a write is a repetition."""

    header: Annotated[str, described("Header that carries the key.")] = "Idempotency-Key"


class Hedge(Model, frozen=True, kw_only=True):
    """A second, equal read when the first is slow."""

    delay: Annotated[Duration, described("How long the first is waited for.")]
    max: Annotated[Positive, described("Most extra calls.")] = 1


class BusinessError(Model, frozen=True, kw_only=True):
    """How a business error reads. `code` goes to `error.detail_code`."""

    code: Annotated[Expr | None, described("Expression that gives the business code.")] = None
    message: Annotated[Expr | None, described("Expression that gives a message fit for callers.")] = None
    details: Annotated[Expr | None, planned("Expression that gives further data.")] = None


class OperationConfig(Model, frozen=True, kw_only=True):
    """The keys that an operation of any kind has."""

    summary: Annotated[str | None, described("What it does, in a line.")] = None
    effect: Annotated[Literal["read", "write"] | None, described("Whether it changes something; told from the kind where unset.")] = None
    params: Annotated[JsonSchema | None, described("JSON Schema of the arguments; `in: path|query|header|body` per property.")] = None
    output_schema: Annotated[JsonSchema | None, described("JSON Schema of the decoded body.")] = None
    batch: Annotated[Batch | None, described("How many calls become one.")] = None
    cache: Annotated[Cache | None, described("How long an answer may be kept.")] = None
    paginate: Annotated[Paginate | None, planned("How long lists are read.")] = None
    idempotency: Annotated[Idempotency | None, described("How a write's key is sent.")] = None
    timeout: Annotated[Duration | None, described("Longest wait for one call; the source's where unset.")] = None
    retry: Annotated[Retry | None, described("Further tries.")] = None
    circuit_breaker: Annotated[str | CircuitBreaker | None, described("Name in `circuit_breakers`, or inline.")] = None
    hedge: Annotated[Hedge | None, described("A second read when the first is slow.")] = None
    success: Annotated[Expr | None, described("When an answer counts as success; a 2xx status where unset.")] = None
    error: Annotated[BusinessError | None, described("How a business error reads.")] = None
    result: Annotated[Expr | None, described("What steps see as `result`; the decoded body where unset.")] = None
    examples: Annotated[list[Any] | dict[str, Any] | None, planned("Answers for the mock mode.")] = None
    classification: Annotated[str | None, described("Class of everything it answers, where a field has none of its own.")] = None


class SourceConfig(Model, frozen=True, kw_only=True):
    """The keys that a source of any kind has."""

    only_with = {"queue": ("concurrency", "rate")}

    source: Annotated[Name, described("Its name; operations are called as `<name>.<operation>`.")]
    extends: Annotated[str | None, described("Another source whose keys this one starts from.")] = None
    type: Annotated[str, described("The kind of source.")]
    summary: Annotated[str | None, described("What it is, in a line.")] = None
    timeout: Annotated[Duration, described("Longest wait for one call; 5s by default.")] = default(Duration.parse, "5s")
    retry: Annotated[Retry | None, described("Further tries.")] = None
    circuit_breaker: Annotated[str | CircuitBreaker | None, described("Name in `circuit_breakers`, or inline.")] = None
    concurrency: Annotated[Positive | None, described("Most calls at once (bulkhead).")] = None
    rate: Annotated[SourceRate | None, described("Most calls in a second.")] = None
    queue: Annotated[SourceQueue | None, described("Who may wait for a free place, and how long.")] = None
    accepts: Annotated[list[str] | None, described("Classes of data that may be sent here; unset: any, or none for `llm` and `event`.")] = (
        None
    )
    default_classification: Annotated[str | None, described("Class of fields that have none of their own, such as `internal`.")] = None


def retries(effect: Literal["read", "write"], config: OperationConfig, source: SourceConfig) -> Retry:
    """The further tries that an operation has: its own, else its source's; none for a write that no key makes repeatable."""
    if effect == "write" and config.idempotency is None:
        return ONCE
    return config.retry or source.retry or ONCE


class SourceRate(Model, frozen=True, kw_only=True):
    """A rate limit towards a backend."""

    requests_per_second: Annotated[float, msgspec.Meta(gt=0), described("Most calls in a second.")]


class SourceQueue(Model, frozen=True, kw_only=True):
    """A bounded queue before a backend."""

    max: Annotated[int, msgspec.Meta(ge=0), described("Most callers waiting.")]
    wait: Annotated[Duration, described("Longest wait.")]


class HealthCheck(Model, frozen=True, kw_only=True):
    """An active check of each server."""

    endpoint: Annotated[
        str,
        msgspec.Meta(pattern=r"^/[!\"$-~]*$"),
        form("a path that starts with `/`, percent-encoded, as `/health`"),
        described("Path that is asked, below the server's base path, with no credentials; healthy is a 2xx or 3xx status."),
    ]
    interval: Annotated[Duration, described("Time between two checks; 10s by default.")] = default(Duration.parse, "10s")
    timeout: Annotated[Duration, described("Longest wait for an answer; 5s by default.")] = default(Duration.parse, "5s")
    threshold: Annotated[Positive, described("Failed checks in a row before a server is left out.")] = 3


class WeightedServer(Model, frozen=True, kw_only=True):
    """A server that gets another share of the calls than its neighbours."""

    url: Annotated[str, described("Its base URL.")]
    weight: Annotated[float, msgspec.Meta(gt=0, le=1000), described("Its share, beside 1 of a plain URL.")] = 1.0


ServerEntry = str | WeightedServer
"""An item of `servers`."""


class OAuth2(Model, frozen=True, kw_only=True):
    """A token of the gateway's own, by OAuth 2."""

    grant: Annotated[Literal["client_credentials", "token_exchange"], described("How the token is got.")] = "client_credentials"
    token_url: Annotated[Secret, described("Where it is got: an `https` URL, or one of this machine.")]
    client_id: Annotated[Secret, described("The gateway's name there.")]
    client_secret: Annotated[Secret, described("The gateway's secret there.")]
    scopes: Annotated[list[str], described("What is asked for.")] = []
    audience: Annotated[str | None, described("For whom, where the server wants to know (`audience`).")] = None


class BasicAuth(Model, frozen=True, kw_only=True):
    """User name and password (RFC 7617)."""

    username: Annotated[Secret, described("User name.")]
    password: Annotated[Secret, described("Password.")]


class ApiKeyAuth(Model, frozen=True, kw_only=True):
    """A fixed key in a header."""

    header: Annotated[str, described("Header that carries it.")] = "X-API-Key"
    value: Annotated[Secret, described("The key.")]


class IdentityHeader(Model, frozen=True, kw_only=True):
    """A header that names the caller, signed by the gateway: a JWS (HS256) that is good for a minute."""

    header: Annotated[str, described("Header that carries it.")] = "X-Caller-Identity"
    key: Annotated[Secret, described("The key that it is signed with, shared with the backend; at least 32 bytes.")]
    audience: Annotated[str | None, described("For whom it is (`aud`); the source's name where unset.")] = None


class BackendAuth(Model, frozen=True, kw_only=True):
    """How the gateway proves itself to a backend; exactly one."""

    exactly_one = (("oauth2", "basic", "api_key", "forward_token", "identity_header"),)

    oauth2: Annotated[OAuth2 | None, described("A token by OAuth 2.")] = None
    basic: Annotated[BasicAuth | None, described("User name and password.")] = None
    api_key: Annotated[ApiKeyAuth | None, described("A fixed key in a header.")] = None
    forward_token: Annotated[bool, described("Passes the caller's own bearer token on; a call for a caller without one fails.")] = False
    identity_header: Annotated[IdentityHeader | None, described("A signed header that names the caller.")] = None


class HttpSourceConfig(SourceConfig, frozen=True, kw_only=True):
    """The keys that a source reached by HTTP has."""

    servers: Annotated[
        list[ServerEntry],
        msgspec.Meta(min_length=1),
        described("Base URLs of servers that answer alike; `{url, weight}` for another share of the calls."),
    ]
    headers: Annotated[dict[str, Secret], described("Headers sent with each call.")] = {}
    forward: Annotated[list[str], described("Request headers that are passed on; nothing else is.")] = []
    engine: Annotated[Literal["fast", "httpx"], described("Transport: own pooled HTTP/1.1, or httpx2 for proxies and HTTP/2.")] = "fast"
    proxy: Annotated[Secret | None, described("Proxy URL (engine httpx only).")] = None
    balance: Annotated[
        Literal["round_robin", "least_connections", "ip_hash", "consistent_hash"] | None,
        described("How a server is picked; `round_robin` where unset."),
    ] = None
    key: Annotated[
        Annotated[list[Expr], msgspec.Meta(min_length=1)] | None,
        described("What `consistent_hash` hashes: expressions over args, user, tenant, ctx, config."),
    ] = None
    healthcheck: Annotated[HealthCheck | None, described("Active checks; with a single server they only tell whether it is ready.")] = None
    auth: Annotated[BackendAuth | None, described("How the gateway proves itself.")] = None
    max_response: Annotated[Size, described("Largest answer, after decompression; 10MiB by default.")] = default(Size.parse, "10MiB")
