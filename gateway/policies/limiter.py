"""Policy `rate_limits`, prepared at load: whose tier, whose use, what a request costs (language §6)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gateway.policies.limit_owner import Expressions, owner_of
from gateway.sdk import Answer, Compiled, Exchange, ExpressionFault, Scope
from gateway.sdk.allowance import Allowance, Charge

DEFAULT = "default"
"""The tier of everybody for whom no other is written."""

MOST_COST = 1e9
"""What one request may count at most."""

UNSET: Mapping[str, object] = {"input": {}, "steps": {}, "status": {}, "meta": {}, "output": None, "error": None}
"""What a cost reads of a request that didn't get so far."""


class Quota(msgspec.Struct, frozen=True):
    """A budget over a longer time, and the expressions that tell who shares it; the limiter's own where there are none."""

    allowance: Allowance
    key: Expressions | None


class Limiter(msgspec.Struct, frozen=True):
    """`tiers` are the allowances of each tier, `fallback` the one of who is told to have none that is written.

    `key` tells who shares: a caller, and where nobody is known their address, where it is None. `cost_after` says that `cost` reads
    the answer: one unit is charged before, the difference when the answer is there. `tenant_tiers` come before `tier`.
    """

    tiers: Mapping[str, tuple[Allowance, ...]]
    tier: Compiled
    fallback: str
    key: Expressions | None = None
    quotas: tuple[Quota, ...] = ()
    cost: Compiled | None = None
    cost_after: bool = False
    shadow: bool = False
    tenant_tiers: Mapping[str, str] = {}

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """All that it may charge."""
        return (*(each for tier in self.tiers.values() for each in tier), *(quota.allowance for quota in self.quotas))

    def charges(self, exchange: Exchange, scope: Scope) -> list[Charge]:
        """What a request counts against. Raises `ExpressionFault` where a member of a key is null."""
        cost = 1.0 if self.cost is None or self.cost_after else self.cost_of(scope)
        owner = owner_of(exchange, scope, self.key)
        charges = [Charge(owner, allowance, cost) for allowance in self.tiers[self.tier_of(exchange, scope)]]
        for quota in self.quotas:
            sharing = owner if quota.key is None else owner_of(exchange, scope, quota.key)
            charges.append(Charge(sharing, quota.allowance, cost))
        return charges

    def tier_of(self, exchange: Exchange, scope: Scope) -> str:
        """The tier of who is asking. One that isn't written, however it came about, is the fallback."""
        named = self.tenant_tiers.get(exchange.tenant.id)
        if named is None:
            named = self.tier(scope)
        return named if isinstance(named, str) and named in self.tiers else self.fallback

    def cost_of(self, scope: Scope) -> float:
        """What one request counts; one that gives no number from 0 on counts 1."""
        if self.cost is None:
            return 1.0
        try:
            found = self.cost(scope)
        except ExpressionFault:
            return 1.0
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found <= MOST_COST else 1.0

    def cost_of_answer(self, scope: Scope, answer: Answer) -> float:
        """The same, once the answer is there."""
        return self.cost_of({**UNSET, **scope, "output": answer.output, "error": answer.error_root()})
