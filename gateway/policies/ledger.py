"""What each caller has used of their allowances, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import floor

from gateway.policies.remembered import Remembered
from gateway.sdk.allowance import SLACK, Allowance, Balance, Charge, Owner, Use, Verdict, ends, verdict

MOST = 100_000
"""Owners whose use is remembered, of rates and of quotas. Beyond that, whoever was not seen for longest is forgotten: who can come as so
many is not held by a limit per caller."""

Key = tuple[str, Owner]
"""A budget, and whose."""


class _Rate:
    """`back` is the moment at which all that was used is back."""

    __slots__ = ("back",)

    def __init__(self, back: float) -> None:
        self.back = back


class _Period:
    """What is `used` of a quota in the period that ends at `ends`."""

    __slots__ = ("allowance", "ends", "used")

    def __init__(self, allowance: Allowance, ends: float) -> None:
        self.allowance = allowance
        self.ends = ends
        self.used = 0.0


class Ledger:
    """Rates are kept by the generic cell rate algorithm (GCRA, ITU-T I.371 Annex A): one number per owner, the moment at which all they
    have used is back. It admits `capacity` at once and never more than `units` in a window beyond that, in any sliding window.

    `clock` is monotonic, `wall` in seconds since the epoch. All charges of a request are made, or none.
    """

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._clock = clock
        self._wall = wall
        self._rates: Remembered[Key, _Rate] = Remembered(MOST)
        self._periods: Remembered[Key, _Period] = Remembered(MOST)

    def __len__(self) -> int:
        """How many owners are remembered."""
        return len(self._rates) + len(self._periods)

    def spend(self, charges: Sequence[Charge]) -> Verdict:
        """Charges all that is on the bill, where all have it."""
        now = self._clock()
        if len(charges) == 1 and charges[0].allowance.period is None:
            told = self._spend_rate(charges[0], now)
            if told is not None:
                return told
        wall = self._wall()
        told = verdict(charges, [self._balance(charge, now, wall) for charge in charges])
        if told.allowed:
            self._charge(charges, now, wall)
        return told

    def add(self, charges: Sequence[Charge]) -> None:
        """Charges whether or not there is so much left; what is owed is worked off first. A cost below 0 gives back."""
        self._charge(charges, self._clock(), self._wall())

    def uses(self) -> Iterator[Use]:
        """How much of each quota is used in its present period."""
        wall = self._wall()
        for (_, owner), period in self._periods:
            if wall < period.ends:
                yield Use(owner, period.allowance, period.used, period.ends)

    def _spend_rate(self, charge: Charge, now: float) -> Verdict | None:
        """The usual case, in one go: the same as what `verdict` would say and `_charge` do. None where it is refused."""
        allowance = charge.allowance
        interval = allowance.interval
        key = (allowance.budget, charge.owner)
        rate = self._rates.get(key)
        owed = charge.cost * interval if rate is None or rate.back < now else charge.cost * interval + rate.back - now
        left = allowance.capacity - owed / interval + SLACK
        if left < 0:
            return None
        if rate is None:
            self._rates.put(key, _Rate(now + owed))
        else:
            rate.back = now + owed
        return Verdict(True, allowance, floor(left), owed)

    def _balance(self, charge: Charge, now: float, wall: float) -> Balance:
        allowance = charge.allowance
        if allowance.period is None:
            rate = self._rates.get((allowance.budget, charge.owner))
            owed = 0.0 if rate is None or rate.back < now else rate.back - now
            return allowance.capacity - owed / allowance.interval, owed
        period = self._period(charge, wall)
        return allowance.units - period.used, period.ends - wall

    def _charge(self, charges: Sequence[Charge], now: float, wall: float) -> None:
        for charge in charges:
            allowance = charge.allowance
            if allowance.period is None:
                key = (allowance.budget, charge.owner)
                rate = self._rates.get(key)
                if rate is None:
                    rate = _Rate(now)
                    self._rates.put(key, rate)
                rate.back = max(rate.back, now) + charge.cost * allowance.interval
            else:
                period = self._period(charge, wall)
                period.used = max(0.0, period.used + charge.cost)

    def _period(self, charge: Charge, wall: float) -> _Period:
        """The present one; one that is not over yet stays, even where the clock is set back."""
        allowance = charge.allowance
        key = (allowance.budget, charge.owner)
        period = self._periods.get(key)
        if period is None or wall >= period.ends:
            period = _Period(allowance, ends(allowance.period or "hour", wall))
            self._periods.put(key, period)
        return period
