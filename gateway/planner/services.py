"""The `Services` that a component's `build` receives: each fault it reports gets its place in the component's document."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from gateway.net import Observed, client
from gateway.planner.compiler import Compiler
from gateway.sdk import OPERATION_ROOTS, Caller, Clock, Compiled, HttpClient, HttpSettings, Metrics, Path, SecretText, Services, Severity
from gateway.sdk.exchange import Catalogue, Scope
from gateway.sdk.kept import AnswerStore
from gateway.sdk.source_config import BackendAuth, CircuitBreaker, ServerEntry
from gateway.sdk.standings import Standings
from gateway.sdk.state import StateStore


class Surroundings:
    """What all components of one plan share. `clients` are closed with the plan; `starters` (by component) and `closers` are the
    components' hooks for its start and its end."""

    def __init__(self, *, folder: FilePath, clock: Clock, metrics: Metrics, config: dict[str, Any], flags: dict[str, Any]) -> None:
        self.folder = folder
        self.clock = clock
        self.metrics = metrics
        self.config = config
        self.flags = flags
        self.clients: list[HttpClient] = []
        self.tenants: frozenset[str] = frozenset({"default"})
        self.tenant_servers: Callable[[str], dict[str, tuple[ServerEntry, ...]]] = lambda _: {}
        self.tenant_auth: Callable[[str], dict[str, tuple[BackendAuth, Compiler, Path]]] = lambda _: {}
        self.tenants_apart: Callable[[str], Iterable[str]] = lambda _: ()
        self.circuit_breakers: Mapping[str, CircuitBreaker] = {}
        self.standings = Standings()
        self.state: StateStore | None = None
        self.answers: AnswerStore | None = None
        self.starters: list[tuple[str, Callable[[], Awaitable[None]]]] = []
        self.closers: list[Callable[[], Awaitable[None]]] = []


class ComponentServices:
    """Implements `Services` for one component; `at` is where its configuration stands in the document."""

    def __init__(
        self,
        name: str,
        surroundings: Surroundings,
        compiler: Compiler,
        at: Path = (),
        *,
        catalogue: Catalogue | None = None,
        permits: Callable[[Caller, str, Scope | None], bool] | None = None,
    ) -> None:
        self._surroundings = surroundings
        self._compiler = compiler
        self._at = at
        self._catalogue = catalogue
        self._permits = permits
        self.name = name
        self.folder = surroundings.folder
        self.clock = surroundings.clock
        self.metrics = surroundings.metrics
        self.config = surroundings.config
        self.flags = surroundings.flags
        self.tenants = surroundings.tenants
        self.circuit_breakers = surroundings.circuit_breakers
        self.standings = surroundings.standings
        self.state = surroundings.state
        self.logger = logging.getLogger(f"gateway.{name}")

    @property
    def catalogue(self) -> Catalogue:
        """The intents of the plan; only there for stages."""
        if self._catalogue is None:
            raise RuntimeError(f"`{self.name}` is built before the intents are known")
        return self._catalogue

    @property
    def tenant_servers(self) -> Mapping[str, Sequence[ServerEntry]]:
        """See `Services.tenant_servers`."""
        return self._surroundings.tenant_servers(self.name)

    @property
    def tenant_auth(self) -> Mapping[str, tuple[BackendAuth, Services]]:
        """See `Services.tenant_auth`."""
        return {
            tenant: (auth, ComponentServices(self.name, self._surroundings, compiler, at))
            for tenant, (auth, compiler, at) in self._surroundings.tenant_auth(self.name).items()
        }

    @property
    def answers(self) -> AnswerStore:
        """See `Services.answers`."""
        if self._surroundings.answers is None:
            raise RuntimeError(f"`{self.name}` is built before there is a place for kept answers")
        return self._surroundings.answers

    def permitted(self, caller: Caller, permission: str, scope: Scope | None = None) -> bool:
        """See `Services.permitted`; before the policies are known, none is."""
        return self._permits is not None and self._permits(caller, permission, scope)

    def http(self, settings: HttpSettings) -> HttpClient:
        """A pooled client that lives as long as the plan."""
        made = client(settings, clock=self.clock, observed=Observed(self.name, self.metrics, self.logger))
        self._surroundings.clients.append(made)
        return made

    def at_start(self, hook: Callable[[], Awaitable[None]]) -> None:
        """See `Services.at_start`."""
        self._surroundings.starters.append((self.name, hook))

    def at_close(self, hook: Callable[[], Awaitable[None]]) -> None:
        """See `Services.at_close`."""
        self._surroundings.closers.append(hook)

    def expression(self, text: str, *, path: Path, roots: frozenset[str] = OPERATION_ROOTS, authorisation: bool = False) -> Compiled:
        """See `Services.expression`."""
        return self._compiler.expression(text, self._at + path, roots, authorisation=authorisation)

    def template(self, value: Any, *, path: Path, roots: frozenset[str] = OPERATION_ROOTS) -> Compiled:
        """See `Services.template`."""
        return self._compiler.template(value, self._at + path, roots)

    def secret(self, text: str, *, path: Path) -> SecretText:
        """See `Services.secret`: one that changes where `${ secret.x }` is written there."""
        found = self._compiler.document.secrets.get(self._at + path) or SecretText(text)
        found.followed = True
        return found

    def problem(
        self, code: str, message: str, *, path: Path, hint: str | None = None, severity: Severity = "error", key: bool = False
    ) -> None:
        """See `Services.problem`."""
        self._compiler.findings.report(self._compiler.document, code, message, self._at + path, hint=hint, severity=severity, key=key)
