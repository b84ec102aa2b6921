"""How a component declares itself: once, beside its code."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Literal, Protocol

import msgspec

from gateway.sdk.clock import Clock
from gateway.sdk.exchange import Caller, Catalogue, Scope
from gateway.sdk.expression import OPERATION_ROOTS, Compiled
from gateway.sdk.http import HttpClient, HttpSettings
from gateway.sdk.kept import AnswerStore
from gateway.sdk.problem import Path, Severity
from gateway.sdk.secret import SecretText
from gateway.sdk.source_config import BackendAuth, CircuitBreaker, ServerEntry
from gateway.sdk.standings import Standings
from gateway.sdk.state import StateStore

Kind = Literal["source", "identity", "stage", "interceptor", "policy", "store", "state", "function", "transform", "channel"]
Availability = Literal["ready", "planned", "protects"]
Trust = Literal["builtin", "plugin"]


class Counter(Protocol):
    """A bound counter of the metrics registry."""

    def inc(self, amount: float = 1) -> None: ...


class Histogram(Protocol):
    """A bound histogram of the metrics registry; seconds for durations."""

    def observe(self, amount: float) -> None: ...


class Metrics(Protocol):
    """The metrics registry. Bind children at load (`counter(...)` once), not per request."""

    def counter(self, name: str, description: str, /, **labels: str) -> Counter: ...
    def histogram(self, name: str, description: str, /, **labels: str) -> Histogram: ...
    def gauge(self, name: str, description: str, read: Callable[[], float], /, **labels: str) -> None: ...


class Services(Protocol):
    """What `build(config, services)` receives. Every `path` is relative to the component's own document or options.

    A fault that is reported with `problem` (or found by `expression` and `template`) is shown at the YAML place of `path`
    together with all others; `build` then goes on as well as it can.
    """

    @property
    def name(self) -> str:
        """The name the configuration gives this instance."""

    @property
    def folder(self) -> FilePath:
        """The folder of `gateway.yaml`; every path in a configuration is relative to it."""

    @property
    def clock(self) -> Clock: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def logger(self) -> logging.Logger: ...

    @property
    def catalogue(self) -> Catalogue:
        """The intents of the plan. Only there for stages."""

    @property
    def config(self) -> dict[str, Any]:
        """The plain data of `config:` in gateway.yaml, the `config` root."""

    @property
    def flags(self) -> dict[str, Any]:
        """The values of the `flags` root."""

    @property
    def tenants(self) -> frozenset[str]:
        """The ids of all tenants that a request may belong to."""

    @property
    def tenant_servers(self) -> Mapping[str, Sequence[ServerEntry]]:
        """Servers that tenants have of their own for the source of this name, by tenant; sound ones only."""

    @property
    def tenant_auth(self) -> Mapping[str, tuple[BackendAuth, Services]]:
        """Credentials that tenants have of their own for the source of this name, by tenant; each with the services that know
        where it is written."""

    @property
    def circuit_breakers(self) -> Mapping[str, CircuitBreaker]:
        """Those of policies, by name."""

    @property
    def standings(self) -> Standings:
        """How the sources of the plan stand: what protects them tells it there."""

    @property
    def state(self) -> StateStore | None:
        """What workers and nodes share; None with `memory://`, where each process keeps its own."""

    @property
    def answers(self) -> AnswerStore:
        """Where answers are kept: one store for the plan, bounded by `stores.cache`."""

    def permitted(self, caller: Caller, permission: str, scope: Scope | None = None) -> bool:
        """Whether a policy allows `caller` a permission such as `trace`, in a request's `scope`. Only there for stages.

        Without a scope the conditions of rules are unknown, and what is unknown never helps the caller.
        """

    def http(self, settings: HttpSettings) -> HttpClient:
        """A pooled client, closed by the gateway when the plan is."""

    def at_start(self, hook: Callable[[], Awaitable[None]]) -> None:
        """Has `hook` run before the port opens, together with the sources' `start` (a task for later may begin there).

        It may raise `BackendFailure`: that is logged, and the gateway starts all the same.
        """

    def at_close(self, hook: Callable[[], Awaitable[None]]) -> None:
        """Has `hook` run behind the last request, while the clients of `http` are still open."""

    def expression(self, text: str, *, path: Path, roots: frozenset[str] = OPERATION_ROOTS, authorisation: bool = False) -> Compiled:
        """Compiles a bare expression."""

    def template(self, value: Any, *, path: Path, roots: frozenset[str] = OPERATION_ROOTS) -> Compiled:
        """Compiles a value in which `${ }` and the reserved keys are evaluated."""

    def secret(self, text: str, *, path: Path) -> SecretText:
        """The text that stands at `path`, to be read at each use: it changes when a secret in it does."""

    def problem(
        self, code: str, message: str, *, path: Path, hint: str | None = None, severity: Severity = "error", key: bool = False
    ) -> None:
        """Reports a fault of the configuration at `path` (at the key instead of its value where `key` is true)."""


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the gateway that configuration can name.

    `Config` is a frozen `msgspec.Struct` whose fields are `described(…)`: schema, caret errors, editor help and reference come
    from it. `build(config, services)` is called at load, never while serving. `example` is YAML that works as it stands.
    `status` other than `ready` means: modelled and checked, its runtime not there yet (`planned` warns, `protects` refuses).
    """

    kind: Kind
    name: str
    Config: type[Any]
    build: Callable[[Any, Any], Any] | None
    summary: str
    example: str
    status: Availability = "ready"
    trust: Trust = "builtin"
    phase: str | None = None
