"""What each caller has used of their allowances, in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gateway.sdk.allowance import Allowance, Balance, Charge, Owner, Use, Verdict, ends, verdict

MOST = 100_000
"""Owners whose use is remembered, of rates and of quotas. Beyond that, whoever was not seen for longest is forgotten: who can come as so
many is not held by a limit per caller."""

LOOKS = 2
"""How many of those that were not seen for longest are looked at for each that is new."""

Key = tuple[str, Owner]
"""A budget, and whose."""


class _Period(NamedTuple):
    ends: float
    used: float
    allowance: Allowance


class Ledger:
    """Rates are kept by the generic cell rate algorithm (GCRA, ITU-T I.371 Annex A): one number per owner, the moment at which all they
    have used is back. It admits `capacity` at once and never more than `units` in a window beyond that, in any sliding window.

    `clock` is monotonic, `wall` in seconds since the epoch. All charges of a request are made, or none.
    """

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._clock = clock
        self._wall = wall
        self._back: OrderedDict[Key, float] = OrderedDict()
        self._used: OrderedDict[Key, _Period] = OrderedDict()

    def __len__(self) -> int:
        """How many owners are remembered."""
        return len(self._back) + len(self._used)

    def spend(self, charges: Sequence[Charge]) -> Verdict:
        """Charges all that is on the bill, where all have it."""
        now = self._clock()
        told = verdict(charges, [self._balance(charge, now) for charge in charges])
        if told.allowed:
            self._charge(charges, now)
        return told

    def add(self, charges: Sequence[Charge]) -> None:
        """Charges whether or not there is so much left; what is owed is worked off first. A cost below 0 gives back."""
        self._charge(charges, self._clock())

    def uses(self) -> Iterator[Use]:
        """How much of each quota is used in its present period."""
        wall = self._wall()
        for (_, owner), period in self._used.items():
            if wall < period.ends:
                yield Use(owner, period.allowance, period.used, period.ends)

    def _balance(self, charge: Charge, now: float) -> Balance:
        owner, allowance, _ = charge
        if allowance.period is None:
            back = self._back.get((allowance.budget, owner))
            owed = 0.0 if back is None or back < now else back - now
            return Balance(allowance.capacity - owed / allowance.interval, owed)
        period = self._period(owner, allowance)
        return Balance(allowance.units - period.used, period.ends - self._wall())

    def _charge(self, charges: Sequence[Charge], now: float) -> None:
        for owner, allowance, cost in charges:
            key = (allowance.budget, owner)
            if allowance.period is None:
                back = self._back.get(key)
                if back is None:
                    self._forget(now)
                self._back[key] = (now if back is None or back < now else back) + cost * allowance.interval
                self._back.move_to_end(key)
            else:
                period = self._period(owner, allowance)
                if key not in self._used:
                    self._forget_periods()
                self._used[key] = _Period(period.ends, max(0.0, period.used + cost), allowance)
                self._used.move_to_end(key)

    def _period(self, owner: Owner, allowance: Allowance) -> _Period:
        """The present one, as far as it is used."""
        wall = self._wall()
        period = self._used.get((allowance.budget, owner))
        if period is not None and wall < period.ends:
            return period
        return _Period(ends(allowance.period or "hour", wall), 0.0, allowance)

    def _forget(self, now: float) -> None:
        """Makes room for one, a few at a time: no request waits for a great clearing-out."""
        for _ in range(LOOKS):
            oldest = next(iter(self._back), None)
            if oldest is None or (self._back[oldest] > now and len(self._back) < MOST):
                return
            del self._back[oldest]

    def _forget_periods(self) -> None:
        wall = self._wall()
        for _ in range(LOOKS):
            oldest = next(iter(self._used), None)
            if oldest is None or (self._used[oldest].ends > wall and len(self._used) < MOST):
                return
            del self._used[oldest]
