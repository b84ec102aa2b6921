"""The stand-in for a source whose kind is modelled and checked, but not in force yet: every call to it is `unavailable`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateway.sdk import Call, Effect, Operation, OperationConfig, Response, Services, SourceConfig, Unavailable

_OPEN: Mapping[str, Any] = {"type": "object", "additionalProperties": True}


class AbsentOperation(msgspec.Struct, frozen=True):
    """An operation that fails, so that ladders are checked and run as they will be."""

    name: str
    effect: Effect
    params: Mapping[str, Any]
    output_schema: Any
    identity: frozenset[tuple[str | int, ...]] = frozenset()
    forwards: frozenset[str] = frozenset()

    async def invoke(self, call: Call, /) -> Response:
        """Never answers."""
        del call
        raise Unavailable("This kind of source is not in force yet.", detail_code="not_in_force")


class AbsentSource:
    """Knows the operations that its document declares."""

    def __init__(self, config: SourceConfig, services: Services) -> None:
        del services
        self._operations: Mapping[str, OperationConfig] = getattr(config, "operations", {})

    def names(self) -> Iterable[str]:
        """The declared operations."""
        return self._operations

    def operation(self, name: str, /) -> Operation | None:
        """Bound like any other."""
        config = self._operations.get(name)
        if config is None:
            return None
        params = config.params if isinstance(config.params, dict) else _OPEN
        return AbsentOperation(name, config.effect or "read", params, config.output_schema)

    async def start(self) -> None:
        """There is nothing to start."""

    async def ready(self) -> bool:
        """Never."""
        return False

    async def close(self) -> None:
        """There is nothing to close."""
