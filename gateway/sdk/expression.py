"""Compiled expressions, as components receive them. They are compiled at load (language §2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gateway.sdk.exchange import Scope

Reference = tuple[str | int, ...]
"""A path from a root as far as it is statically known: `steps.order.items[0].sku` is `("steps", "order", "items", 0, "sku")`.
A projection, filter or function call ends it."""


class Compiled(Protocol):
    """A compiled expression or template: call it with a scope. Raises only `ExpressionFault`.

    `references` are the paths it reads, from their root; `constant` is true where it reads none and always gives the same;
    `source` is the text or YAML value that it was compiled from.
    """

    @property
    def references(self) -> frozenset[Reference]: ...
    @property
    def constant(self) -> bool: ...
    @property
    def source(self) -> Any: ...
    def __call__(self, scope: Scope, /) -> Any: ...


PureFunction = Callable[..., Any]
"""A function that a plugin adds to expressions: pure, quick, null in gives null out where that makes sense."""

OPERATION_ROOTS = frozenset({"args", "user", "tenant", "ctx", "config"})
"""Roots of an operation's `body headers query` (language §2.6)."""

CLAIM_ROOTS = frozenset({"*"})
"""Roots of the leaves of `claims:`: whatever the verified token names, and `@` for all of it (language §2.6)."""

RESPONSE_ROOTS = frozenset({"body", "headers", "status_code"})
"""Roots of an operation's `success error rows items result` (language §2.6)."""
