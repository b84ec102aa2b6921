"""The one document `gateway.yaml` (language §7)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.config.models.cors import Cors
from gateway.config.models.pipeline import StageUse
from gateway.config.models.step import Arguments, Target
from gateway.sdk.fields import Duration, Expr, Name, Secret, Size, default, described, form, planned, protects
from gateway.sdk.priority import Priority
from gateway.sdk.source_config import BackendAuth, Model, Positive, ServerEntry

_PORT = "(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
"""0 to 65535."""

HostAndPort = Annotated[
    str,
    msgspec.Meta(pattern=rf"^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):{_PORT}$"),
    form("an address and a port such as `127.0.0.1:9090`"),
]

HostName = Annotated[
    str,
    msgspec.Meta(pattern=r"^(?:(?:[A-Za-z0-9_-]+\.)*[A-Za-z][A-Za-z0-9-]*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:.]+\])$"),
    form("a host name without port such as `acme.example`; with other letters in its ASCII form, as `xn--mnchen-3ya.example`"),
]


class Tls(Model, frozen=True, kw_only=True):
    """The listener's certificate."""

    cert: Annotated[Secret, described("File with the certificate chain (PEM).")]
    key: Annotated[Secret, described("File with the private key (PEM).")]
    client_ca: Annotated[
        Secret | None,
        described("File with the authorities of clients (PEM): clients are asked for a certificate, and may have none."),
    ] = None


class AcceptQueue(Model, frozen=True, kw_only=True):
    """How requests wait to begin, where more come than can be done."""

    wait: Annotated[Duration, described("Longest time that a request waits to begin; then it is told to come again. 120ms by default.")] = (
        default(Duration.parse, "120ms")
    )
    max: Annotated[Positive, described("Most requests that wait in a process.")] = 1000


class Server(Model, frozen=True, kw_only=True):
    """Where and how the gateway listens: address, port, limits."""

    host: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:%-]+$"), form("an address or host name such as `127.0.0.1`")],
        described("Address to listen on."),
    ] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535), described("Port to listen on; 0 takes a free one.")] = 8080
    admin: Annotated[HostAndPort, described("Address and port of the operators' listener: metrics, readiness.")] = "127.0.0.1:9090"
    workers: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=256)],
        described("Processes that share the port; with `memory://` each has limits, circuits and kept answers of its own."),
    ] = 1
    max_body: Annotated[Size, described("Largest request body; 1MiB by default.")] = default(Size.parse, "1MiB")
    queue: Annotated[AcceptQueue, described("How requests wait to begin, where more come than can be done.")] = msgspec.field(
        default_factory=AcceptQueue
    )
    memory: Annotated[
        Size | None,
        described("Memory that a process may take; its container's where unset. Near it, less important requests are given up."),
    ] = None
    drain: Annotated[Duration, described("How long requests in flight may finish at a stop; 20s by default.")] = default(
        Duration.parse, "20s"
    )
    public_url: Annotated[
        Annotated[
            str,
            msgspec.Meta(pattern=r"^https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?$"),
            form("the address of a site such as `https://chat.acme.example`"),
        ]
        | None,
        described("The gateway's address as callers see it; with https, browsers are told to come by nothing else."),
    ] = None
    cors: Annotated[Cors | None, described("Whose pages may use the gateway from a browser; those of no other origin where unset.")] = None
    compression: Annotated[bool, planned("Compresses answers for clients that accept it.")] = False
    tls: Annotated[Tls | None, described("The public listener's certificate; plain HTTP without.")] = None
    trusted_proxies: Annotated[
        list[str], described("Addresses or networks whose `X-Forwarded-For`, `-Host`, `-Proto` and client certificates are believed.")
    ] = []


class TenantIntents(Model, frozen=True, kw_only=True):
    """Which intents a tenant has."""

    allow: Annotated[list[str] | None, described("Only these intents, `*` for any text; all where unset.")] = None
    deny: Annotated[list[str], described("Not these intents, `*` for any text; a denial beats `allow`.")] = []


class TenantConfig(Model, frozen=True, kw_only=True):
    """What is particular to one tenant."""

    plan: Annotated[str | None, described("What the tenant has bought; read as `tenant.plan`.")] = None
    locale: Annotated[str | None, described("Locale of replies where the caller names none, such as `de-DE`.")] = None
    hosts: Annotated[list[HostName], described("Host names that mean this tenant.")] = []
    config: Annotated[dict[str, Any], described("Plain data; read as `tenant.config`.")] = {}
    intents: Annotated[TenantIntents, described("Which intents its callers may use; all that their roles allow where unset.")] = (
        msgspec.field(default_factory=TenantIntents)
    )
    servers: Annotated[dict[Name, list[ServerEntry]], described("Servers of its own, by source: base URLs, or `{url, weight}`.")] = {}
    auth: Annotated[dict[Name, BackendAuth], described("Credentials of its own, by source, in place of that one's `auth`.")] = {}
    priority: Annotated[
        Priority, described("Moves the priority of its requests: from `normal`, `high` is a step up and `low` one down, `critical` two up.")
    ] = "normal"
    rate_limits: Annotated[str | None, described("Tier of policy `rate_limits` that its callers are in, whatever `tier` says.")] = None


class Tenants(Model, frozen=True, kw_only=True):
    """How a request's tenant is found. Several sources must agree."""

    claim: Annotated[str | None, described("Claim of the caller's token that names the tenant.")] = None
    id: Annotated[Expr | None, described("Expression over `user` and `ctx` that gives the tenant.")] = None
    host: Annotated[bool, described("Whether the host name tells the tenant.")] = False
    unknown: Annotated[Literal["deny", "default"], described("What happens where no tenant is found.")] = "deny"
    known: Annotated[dict[Name, TenantConfig], described("The tenants by name, each with what is particular to it.")] = {}


class Sessions(Model, frozen=True, kw_only=True):
    """How long a conversation is remembered."""

    ttl: Annotated[Duration, planned("How long an idle session is kept; 3600s by default.")] = default(Duration.parse, "3600s")
    history: Annotated[int, msgspec.Meta(ge=0), planned("Most turns kept.")] = 50


class Handoff(Model, frozen=True, kw_only=True):
    """How a conversation is handed to a person."""

    call: Annotated[Target, described("Operation that takes the conversation over, as `source.operation`.")]
    with_: Annotated[Arguments, described("Arguments of the operation, by parameter name.")] = msgspec.field(
        name="with", default_factory=dict
    )
    timeout: Annotated[Duration | None, described("How long a person is waited for, such as `10m`.")] = None


class Stores(Model, frozen=True, kw_only=True):
    """Where the gateway keeps what it must remember."""

    state: Annotated[
        Secret,
        described("Kept answers and limits: `memory://`, or `redis://…` and `redis+sentinel://…`, shared by all workers and nodes."),
    ] = "memory://"
    cache: Annotated[Size, described("Most memory that kept answers take in a process; 64MiB by default.")] = default(Size.parse, "64MiB")
    records: Annotated[Secret, described("Audit records: `sqlite:///…`, or `postgresql://…` for a fleet.")] = "sqlite:///var/gateway.db"


class Telemetry(Model, frozen=True, kw_only=True):
    """What operators see: metrics, traces, log."""

    metrics: Annotated[bool, described("Prometheus metrics on the operators' listener.")] = True
    traces: Annotated[Literal["none", "otlp", "console"], planned("Where traces go.")] = "none"
    logs: Annotated[Literal["json", "text"], described("Form of the log: one JSON record a line, or text for people.")] = "json"


class Gateway(Model, frozen=True, kw_only=True):
    """Server, identity, tenants, stores, and where the rest lies."""

    gateway: Annotated[Name, described("The gateway's name.")]
    summary: Annotated[str | None, described("What it is for, in a line.")] = None
    specs: Annotated[list[str], described("Folders with sources, intents, routes and transforms, relative to this file.")] = msgspec.field(
        default_factory=lambda: ["specs"]
    )
    policies: Annotated[list[str], described("Folders with policies, relative to this file.")] = msgspec.field(
        default_factory=lambda: ["policies"]
    )
    plugins: Annotated[list[str], protects("Plugins that may be loaded.")] = []
    server: Annotated[Server, described("Where and how the gateway listens: address, port, limits.")] = msgspec.field(
        default_factory=Server
    )
    identity: Annotated[
        list[Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"x-gateway-component": "identity"})]],
        described("How callers are known; tried in this order. Each entry is one kind with its options."),
    ] = []
    tenants: Annotated[Tenants | None, described("How a request's tenant is found, and what is particular to each.")] = None
    sessions: Annotated[Sessions, described("How long a conversation is remembered.")] = msgspec.field(default_factory=Sessions)
    fallback_intent: Annotated[Name | None, planned("The intent that answers where none was understood.")] = None
    handoff: Annotated[Handoff | None, planned("How a conversation is handed to a person.")] = None
    channels: Annotated[dict[Name, dict[str, Any]] | None, protects("Chat platforms by name, each with its options.")] = None
    stores: Annotated[Stores, described("Where the gateway keeps what it must remember.")] = msgspec.field(default_factory=Stores)
    pipeline: Annotated[list[StageUse], protects("Stages that are added to every request.")] = []
    telemetry: Annotated[Telemetry, described("What operators see: metrics, traces, log.")] = msgspec.field(default_factory=Telemetry)
    config: Annotated[dict[str, Any], described("Plain data for expressions, read as `config`; no secrets.")] = {}
