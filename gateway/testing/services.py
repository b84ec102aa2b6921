"""What a component's `build` receives, for tests: problems are collected, expressions are real, time can be owned."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import msgspec

from gateway import net
from gateway.expressions import compile_expression, compile_template
from gateway.policies.kept_answers import KeptAnswers
from gateway.sdk import (
    OPERATION_ROOTS,
    Clock,
    Compiled,
    Counter,
    ExpressionFault,
    Histogram,
    HttpClient,
    HttpSettings,
    Path,
    Reference,
    Scope,
    SecretText,
    Services,
    Severity,
    SystemClock,
)
from gateway.sdk.kept import AnswerStore
from gateway.sdk.source_config import BackendAuth, CircuitBreaker, ServerEntry
from gateway.sdk.standings import Standings
from gateway.sdk.state import StateStore


class Reported(msgspec.Struct, frozen=True):
    """A problem that a component reported, with the path that it gave."""

    code: str
    message: str
    path: Path
    hint: str | None = None
    severity: Severity = "error"
    key: bool = False


class Uncompiled:
    """Stands in for an expression with a fault, so that `build` can go on."""

    references: frozenset[Reference] = frozenset()
    constant = False

    def __init__(self, source: Any) -> None:
        self.source = source

    def __call__(self, _scope: Scope, /) -> Any:
        raise ExpressionFault


class FakeMeter:
    """A counter and a histogram at once: `values` are what it was given, in order."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def inc(self, amount: float = 1) -> None:
        self.values.append(amount)

    def observe(self, amount: float) -> None:
        self.values.append(amount)


class FakeMetrics:
    """A metrics registry: `meters` by name and labels, as `requests{source="erp"}`, and in the same way what reads `gauges`."""

    def __init__(self) -> None:
        self.meters: dict[str, FakeMeter] = {}
        self.gauges: dict[str, Callable[[], float]] = {}

    def counter(self, name: str, _description: str, /, **labels: str) -> Counter:
        return self._meter(name, labels)

    def histogram(self, name: str, _description: str, /, **labels: str) -> Histogram:
        return self._meter(name, labels)

    def gauge(self, name: str, _description: str, read: Callable[[], float], /, **labels: str) -> None:
        self.gauges[_written(name, labels)] = read

    def total(self, name: str, **labels: str) -> float:
        """The sum of what one meter was given; 0 where nobody has bound it."""
        meter = self.meters.get(_written(name, labels))
        return sum(meter.values) if meter is not None else 0

    def _meter(self, name: str, labels: dict[str, str]) -> FakeMeter:
        return self.meters.setdefault(_written(name, labels), FakeMeter())


def _written(name: str, labels: dict[str, str]) -> str:
    written = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{written}}}" if written else name


class FakeServices:
    """`Services` for one component in a test.

    `problems` are what it reported, in order, `secrets` what it may read anew, by path. `http` hands out `client` where one is given,
    else a real pooled client; `close` closes those, behind what the component wanted done first. `settings` are what it asked for.
    """

    def __init__(
        self, *, name: str = "subject", folder: FilePath | None = None, clock: Clock | None = None, client: HttpClient | None = None
    ) -> None:
        self.name = name
        self.folder = folder or FilePath()
        self.clock: Clock = clock or SystemClock()
        self.metrics = FakeMetrics()
        self.logger = logging.getLogger(f"gateway.testing.{name}")
        self.problems: list[Reported] = []
        self.settings: list[HttpSettings] = []
        self.secrets: dict[Path, SecretText] = {}
        self.tenants: frozenset[str] = frozenset({"default"})
        self.tenant_servers: Mapping[str, Sequence[ServerEntry]] = {}
        self.circuit_breakers: Mapping[str, CircuitBreaker] = {}
        self.tenant_auth: Mapping[str, tuple[BackendAuth, Services]] = {}
        self.starters: list[Callable[[], Awaitable[None]]] = []
        self.closers: list[Callable[[], Awaitable[None]]] = []
        self.standings = Standings()
        self.state: StateStore | None = None
        self._answers: AnswerStore | None = None
        self._client = client
        self._opened: list[HttpClient] = []

    @property
    def answers(self) -> AnswerStore:
        """A store of kept answers, 1 MiB large unless a test has put another in its place."""
        if self._answers is None:
            self._answers = KeptAnswers(1 << 20, self.clock, self.metrics)
        return self._answers

    @answers.setter
    def answers(self, answers: AnswerStore) -> None:
        self._answers = answers

    @property
    def codes(self) -> list[str]:
        """The codes of `problems`."""
        return [problem.code for problem in self.problems]

    def http(self, settings: HttpSettings) -> HttpClient:
        self.settings.append(settings)
        if self._client is not None:
            return self._client
        self._opened.append(net.client(settings, clock=self.clock, observed=net.Observed(self.name, self.metrics, self.logger)))
        return self._opened[-1]

    def at_start(self, hook: Callable[[], Awaitable[None]]) -> None:
        self.starters.append(hook)

    def at_close(self, hook: Callable[[], Awaitable[None]]) -> None:
        self.closers.append(hook)

    def expression(self, text: str, *, path: Path, roots: frozenset[str] = OPERATION_ROOTS, authorisation: bool = False) -> Compiled:
        compiled, faults = compile_expression(text, roots=roots, authorisation=authorisation)
        for fault in faults:
            self.problem(fault.code, fault.message, path=path, hint=fault.hint, severity=fault.severity)
        return compiled or Uncompiled(text)

    def template(self, value: Any, *, path: Path, roots: frozenset[str] = OPERATION_ROOTS) -> Compiled:
        compiled, faults = compile_template(value, roots=roots)
        for below, fault in faults:
            self.problem(fault.code, fault.message, path=(*path, *below), hint=fault.hint, severity=fault.severity)
        return compiled or Uncompiled(value)

    def secret(self, text: str, *, path: Path) -> SecretText:
        """The text of `secrets` at `path`, put there where there is none: a test may `replace` what it holds."""
        return self.secrets.setdefault(path, SecretText(text))

    def problem(
        self, code: str, message: str, *, path: Path, hint: str | None = None, severity: Severity = "error", key: bool = False
    ) -> None:
        self.problems.append(Reported(code, message, path, hint, severity, key))

    async def close(self) -> None:
        """Runs the component's hooks, then closes the clients that were opened."""
        for hook in self.closers:
            await hook()
        for client in self._opened:
            await client.close()
