"""Who may use an intent or a route (language §4 "Access"). Default is deny."""

from __future__ import annotations

import msgspec

from gateway.sdk.errors import ExpressionFault
from gateway.sdk.exchange import Caller, Scope
from gateway.sdk.expression import Compiled


class Access(msgspec.Struct, frozen=True):
    """The conditions of use, decided per caller.

    `roles` are all roles that lead here: those that a policy allows, those that `access.roles` names, and all that inherit from
    them. `scopes` must all be held, `when` (an authorisation position) must be true: unknown is not, nor is a fault in it.
    `internal` ones can't be asked for from outside.
    """

    roles: frozenset[str]
    scopes: frozenset[str] = frozenset()
    when: Compiled | None = None
    internal: bool = False

    def permits(self, caller: Caller, scope: Scope) -> bool:
        """Whether `caller` may; `scope` holds the roots `user tenant ctx config`."""
        if self.roles.isdisjoint(caller.roles):
            return False
        if not self.scopes.issubset(caller.user["scopes"]):
            return False
        try:
            return self.when is None or self.when(scope) is True
        except ExpressionFault:
            return False
