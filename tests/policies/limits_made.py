"""Limiters and stores for tests of limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.policies.ledger import Ledger
from gateway.policies.limiter import Limiter
from gateway.sdk import Reference, Scope
from gateway.sdk.allowance import Allowance, Charge, StoreFails, Use, Verdict
from tests.policies.stopped_clock import StoppedClock


class Reads:
    """An expression that is a function of the scope."""

    references: frozenset[Reference] = frozenset()
    constant = False
    source = ""

    def __init__(self, read: Callable[[Scope], Any]) -> None:
        self._read = read

    def __call__(self, scope: Scope, /) -> Any:
        return self._read(scope)


def rate(name: str = "default", units: float = 60, capacity: float = 10, store_fails: StoreFails = "local") -> Allowance:
    return Allowance(f"limits/{name}", name, units, 60.0, capacity, store_fails=store_fails, place=f"limits.yaml:{name}")


def limiter(**members: Any) -> Limiter:
    given: dict[str, Any] = {"tiers": {"default": (rate(),)}, "tier": Reads(lambda _: "default"), "fallback": "default", **members}
    return Limiter(**given)


class SharedStore:
    """A store with one ledger for everybody who has it; `away` is one that can't be asked."""

    def __init__(self, clock: StoppedClock) -> None:
        self.ledger = Ledger(clock.monotonic, lambda: clock.now().timestamp())
        self.away = False
        self.asked: list[list[Charge]] = []

    async def charge(self, charges: Sequence[Charge], /, *, regardless: bool = False) -> Verdict | None:
        self.asked.append(list(charges))
        if self.away:
            return None
        if not regardless:
            return self.ledger.spend(charges)
        self.ledger.add(charges)
        return Verdict(True, charges[0].allowance, 0, 0.0)

    async def uses(self, quotas: Sequence[Allowance], /) -> list[Use] | None:
        return None if self.away else [use for use in self.ledger.uses() if use.allowance in quotas]
