"""The one key rule of everything that may serve one call's answer to another: coalescing, batching, caches (language §4).

A key holds the operation, its canonical arguments, the tenant, and the value of everything else that may change what is sent
upstream. Two callers who differ in any of that never share.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol

import msgspec

from gateway.sdk.call import CallContext
from gateway.sdk.expression import Reference

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(value: Any) -> bytes:
    """JSON with sorted members: equal values give equal bytes, `1`, `true` and `"1"` different ones."""
    return _encoder.encode(value)


class Sends(Protocol):
    """What else than its arguments makes one answer another than the next; an `Operation` says so of what it sends.

    `identity` are references into a request's roots, `forwards` request headers.
    """

    @property
    def identity(self) -> frozenset[Reference]: ...
    @property
    def forwards(self) -> frozenset[str]: ...


class Sharing:
    """Who may share the answers of one operation, or of several that take part in one answer."""

    __slots__ = ("_forwards", "_of_tenant", "_personal", "_references")

    def __init__(self, *operations: Sends) -> None:
        references = {reference for operation in operations for reference in operation.identity}
        self._references: tuple[Reference, ...] = tuple(sorted(references, key=repr))
        self._forwards = tuple(sorted({name.lower() for operation in operations for name in operation.forwards}))
        self._personal = any(reference[0] == "user" for reference in self._references)
        self._of_tenant = any(reference[0] == "tenant" for reference in self._references)

    @property
    def personal(self) -> bool:
        """Whether answers depend on who is asking."""
        return self._personal

    @property
    def of_tenant(self) -> bool:
        """Whether answers depend on whose configuration applies."""
        return self._of_tenant

    def key(self, context: CallContext) -> Hashable:
        """Equal for two contexts exactly where their callers may share."""
        if not self._references and not self._forwards:
            return context.identity[0]
        return (context.identity if self._personal else context.identity[0], *self._sent(context))

    def key_of_all(self, context: CallContext) -> Hashable:
        """Like `key`, but equal for callers of all tenants: only where answers depend on neither tenant nor caller."""
        return self._sent(context) if self._references or self._forwards else ()

    def _sent(self, context: CallContext) -> tuple[bytes, tuple[str | None, ...]]:
        return (
            canonical([_read(context.scope, reference) for reference in self._references]),
            tuple(context.headers.get(name) for name in self._forwards),
        )


def _read(value: Any, reference: Reference) -> Any:
    for part in reference:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and -len(value) <= part < len(value):
            value = value[part]
        else:
            return None
    return value
