"""Under which key an operation's answers are kept, and so who is given them (language §4 "Single flight and caches").

However wide the `scope` is that somebody wrote, nobody is given what was made for another: a scope only ever narrows what the rule of
`gateway.sdk.sharing` says, but for answers that depend on no tenant, which `public` lets all tenants share.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

from gateway.sdk import Call, Compiled, ExpressionFault
from gateway.sdk.sharing import Sharing, canonical

Scope = Literal["user", "tenant", "public"]

WIDTH: dict[Scope, int] = {"user": 0, "tenant": 1, "public": 2}


class CacheKeys:
    """The keys of one operation. `apart` are tenants that share nothing with others; `further` are the expressions of `cache.key`."""

    def __init__(self, sharing: Sharing, scope: Scope | None, *, apart: frozenset[str], further: Sequence[Compiled]) -> None:
        self._sharing = sharing
        self._scope: Scope = "user" if sharing.personal else (scope or "tenant")
        if self._scope == "public" and sharing.of_tenant:
            self._scope = "tenant"
        self._apart = apart
        self._further = tuple(further)

    def scope(self, call: Call) -> Scope:
        """Who may be given the answer: never more than the operation's and the step's own `scope` say."""
        narrowed = call.limits.cache
        scope = self._scope
        if narrowed is not None and narrowed.scope is not None and WIDTH[narrowed.scope] < WIDTH[scope]:
            scope = narrowed.scope
        return "tenant" if scope == "public" and call.context.identity[0] in self._apart else scope

    def of(self, call: Call, scope: Scope) -> Hashable:
        """Raises `ExpressionFault` where a part of `cache.key` is null."""
        context = call.context
        whose: Hashable
        if scope == "tenant":
            whose = self._sharing.key(context)
        elif scope == "user":
            whose = (context.identity, self._sharing.key(context))
        else:
            whose = self._sharing.key_of_all(context)
        return scope, whose, canonical(call.arguments), self._values(call) if self._further else b""

    def _values(self, call: Call) -> bytes:
        scope = {**call.context.scope, "args": call.arguments}
        values = [expression(scope) for expression in self._further]
        if None in values:
            raise ExpressionFault("A part of `cache.key` is null.")
        return canonical(values)
