"""Circuit breakers that say two things at once, or leave no time for what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.config.document import Document
from gateway.config.models import CircuitBreakersPolicy
from gateway.planner.planned import Planned
from gateway.planner.rules.policies import of_kind
from gateway.sdk import Path
from gateway.sdk.source_config import CircuitBreaker

LENGTHS = ("recovery_timeout", "window", "slow_call_duration")


def check_circuits(planned: Planned) -> None:
    """GW104 and GW107 wherever a circuit breaker is written."""
    sound = [written for written in _written(planned) if not planned.findings.failed_in(written[0])]
    for document, path, breaker in sound:
        if breaker.window is not None and "failure_threshold" in _at(document.data, path):
            planned.findings.report(
                document, "GW107", "`failure_threshold` counts failures in a row, and with `window` shares count",
                (*path, "failure_threshold"), key=True, hint="take it out, or write `failure_rate` and `minimum_calls` in its place",
            )  # fmt: skip
        for key in LENGTHS:
            if getattr(breaker, key) == 0:
                planned.findings.report(document, "GW104", f"`{key}` is no time at all", (*path, key), hint="write more than 0s, as `10s`")


def _written(planned: Planned) -> Iterator[tuple[Document, Path, CircuitBreaker]]:
    for policy in of_kind(planned.loaded, CircuitBreakersPolicy):
        for name, breaker in policy.model.circuit_breakers.items():
            yield policy.document, ("circuit_breakers", name), breaker
    for backend in planned.backends.all():
        written: list[tuple[Path, str | CircuitBreaker | None]] = [(("circuit_breaker",), backend.parsed.model.circuit_breaker)]
        written += [(("operations", name, "circuit_breaker"), config.circuit_breaker) for name, config in backend.configs.items()]
        for path, inline in written:
            if isinstance(inline, CircuitBreaker):
                yield backend.parsed.document, path, inline


def _at(data: Any, path: Path) -> Mapping[str, Any]:
    for key in path:
        data = data[key]
    found: Mapping[str, Any] = data
    return found
