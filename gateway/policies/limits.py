"""All limits of a plan, and where their use is kept: one ledger for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from gateway.policies.fleet_ledger import FleetLedger
from gateway.policies.ledger import Ledger
from gateway.policies.limit_owner import Expressions
from gateway.policies.limiter import Limiter
from gateway.sdk import Clock, Counter, Metrics, RateLimited
from gateway.sdk.allowance import Allowance, Charge, Use, Verdict
from gateway.sdk.state import StateStore


class OwnLimits(msgspec.Struct, frozen=True):
    """An intent's `limits`, prepared. `concurrency` is how many of one owner's requests may be under way at once.

    `place` is where they are written, as file:line.
    """

    intent: str
    allowances: tuple[Allowance, ...]
    key: Expressions | None
    concurrency: int | None
    place: str


class Usage(NamedTuple):
    """How much of each quota is used; `shared` says that it is by all workers and nodes, and not by this process alone."""

    uses: list[Use]
    shared: bool


class Limits:
    """Made once per plan. Without a `store` each process keeps its own: `here` is that ledger, which answers at once."""

    def __init__(self, limiter: Limiter | None, of_intents: Mapping[str, OwnLimits], clock: Clock, store: StateStore | None = None) -> None:
        self.limiter = limiter
        self.of_intents = of_intents
        self._ledger = Ledger(clock.monotonic, lambda: clock.now().timestamp())
        self._fleet = None if store is None else FleetLedger(self._ledger, store)
        self.here = self._ledger if store is None else None

    async def spend(self, charges: Sequence[Charge]) -> Verdict | None:
        """Makes all charges where all have enough left, else none; None where nothing holds now. Raises `StoreAway`."""
        return self._ledger.spend(charges) if self._fleet is None else await self._fleet.spend(charges)

    async def add(self, charges: Sequence[Charge]) -> None:
        """Charges however little is left."""
        if self._fleet is None:
            self._ledger.add(charges)
        else:
            await self._fleet.add(charges)

    async def usage(self) -> Usage:
        """How much of each quota is used in its present period. Where the shared store can't tell, it is what this process knows."""
        quotas = [] if self.limiter is None else [quota.allowance for quota in self.limiter.quotas]
        told = None if self._fleet is None or not quotas else await self._fleet.uses(quotas)
        return Usage(list(self._ledger.uses()), False) if told is None else Usage(told, True)


def refusal(retry_after: float) -> RateLimited:
    """The answer to who asks for too much, with the seconds to wait."""
    error = RateLimited()
    error.retry_after = retry_after
    return error


def refusals(metrics: Metrics, policy: str, tier: str, mode: str = "enforce") -> Counter:
    """What counts requests over a limit; `tier` is the name of the tier or quota that was used up."""
    return metrics.counter("gateway_rate_limited_total", "Requests over a limit.", policy=policy, tier=tier, mode=mode)
