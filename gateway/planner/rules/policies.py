"""What rules ask about policies: those of one kind, and who names what they declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, cast

from gateway.config.document import Document
from gateway.config.loaded import Loaded, Parsed
from gateway.config.models import Policy
from gateway.planner.planned import Planned
from gateway.sdk import Path

P = TypeVar("P", bound=Policy)


def of_kind(loaded: Loaded, kind: type[P]) -> Iterator[Parsed[P]]:
    """The policies of one kind; several documents may make up one."""
    return (cast("Parsed[P]", policy) for policy in loaded.policies if isinstance(policy.model, kind))


def breakers_used(planned: Planned) -> Iterator[tuple[Document, Path, str]]:
    """Each circuit breaker that a source or an operation names, and where."""
    for backend in planned.backends.all():
        document, named = backend.parsed.document, backend.parsed.model.circuit_breaker
        if isinstance(named, str):
            yield document, ("circuit_breaker",), named
        for name, config in backend.configs.items():
            if isinstance(config.circuit_breaker, str):
                yield document, ("operations", name, "circuit_breaker"), config.circuit_breaker
