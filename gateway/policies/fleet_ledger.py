"""Where charges are made that all workers and nodes share, and what holds while the shared store can't be asked."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.policies.ledger import Ledger
from gateway.sdk import Unavailable
from gateway.sdk.allowance import Allowance, Charge, Use, Verdict
from gateway.sdk.state import StateStore

AWAY = "Limits can't be checked at the moment."

RETRY_AFTER = 1.0
"""Seconds."""


class StoreAway(Unavailable):
    """What can't be checked must not pass; `allowance` is the one that says so."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(AWAY)
        self.allowance = allowance
        self.retry_after = RETRY_AFTER


class FleetLedger:
    """Asks the shared store, and follows each allowance's `store_fails` where it gives no answer.

    What the store admits is noted in this process's own ledger too: a store that goes away gives nobody a new burst.
    """

    def __init__(self, own: Ledger, store: StateStore) -> None:
        self._own = own
        self._store = store

    async def spend(self, charges: Sequence[Charge]) -> Verdict | None:
        """What becomes of the charges; None where nothing holds now. Raises `StoreAway`."""
        told = await self._store.charge(charges)
        kept = _kept_here(charges)
        if told is not None:
            if told.allowed:
                self._own.add(kept)
            return told
        for charge in charges:
            if charge.allowance.store_fails == "deny":
                raise StoreAway(charge.allowance)
        return self._own.spend(kept) if kept else None

    async def add(self, charges: Sequence[Charge]) -> None:
        """Charges whether or not there is so much left."""
        self._own.add(_kept_here(charges))
        await self._store.charge(charges, regardless=True)

    async def uses(self, quotas: Sequence[Allowance]) -> list[Use] | None:
        """How much of each of these is used in its present period, by everybody; None where that can't be told now."""
        return await self._store.uses(quotas)


def _kept_here(charges: Sequence[Charge]) -> list[Charge]:
    return [charge for charge in charges if charge.allowance.store_fails == "local"]
