"""How much may be asked for, and what becomes of a request that asks: rates with a burst, and quotas of a calendar's hour, day or month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import floor
from typing import Literal, NamedTuple

import msgspec

Period = Literal["hour", "day", "month"]

StoreFails = Literal["local", "allow", "deny"]
"""What holds while a store that is shared can't be asked: what this process knows itself, nothing, or a refusal of everything."""

HOUR = 3600.0
DAY = 86_400.0

SLACK = 1e-6
"""Of a unit: what adding up fractions of seconds may be off by."""

Member = str | bytes | tuple[str, ...]
"""One value that tells who shares an allowance: a text, the canonical JSON of anything else, or a caller's identity."""

Owner = tuple[Member, ...]


class Allowance(msgspec.Struct, frozen=True):
    """`units` in `window` seconds, at most `capacity` of them at once.

    With a `period` it is a quota: `units` in each hour, day or month of the calendar (UTC), however they come; `window` is then its
    usual length. `budget` tells it apart from all others of a gateway, and is the same in all its processes; `name` is what callers read
    in the `RateLimit` headers; `place` is where it is written, as file:line. `interval` are the seconds in which one unit comes back.
    """

    budget: str
    name: str
    units: float
    window: float
    capacity: float
    period: Period | None = None
    store_fails: StoreFails = "local"
    place: str = ""
    interval: float = 0.0

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "interval", self.window / self.units)


class Charge(msgspec.Struct, frozen=True):
    """Whose use counts how much against which allowance. Equal owners share it, so one owner has one allowance."""

    owner: Owner
    allowance: Allowance
    cost: float = 1.0

    def costing(self, cost: float) -> Charge:
        """The same at another cost."""
        return Charge(self.owner, self.allowance, cost)


Balance = tuple[float, float]
"""What an owner has left, in units (below 0 where something is owed), and the seconds until all of it is back; of a quota those until its
period ends."""


class Verdict(msgspec.Struct, frozen=True):
    """What became of a charge: `allowance` is the one that refused, or the one of which least is left.

    `remaining` are whole units, `reset` the seconds until all of it is back (of a quota: until its period ends), `retry_after` how long a
    refused caller should wait.
    """

    allowed: bool
    allowance: Allowance
    remaining: int
    reset: float
    retry_after: float = 0.0


class Use(NamedTuple):
    """How much of a quota one owner has used in the period that ends at `ends`, in seconds since the epoch."""

    owner: Owner
    allowance: Allowance
    used: float
    ends: float


def verdict(charges: Sequence[Charge], balances: Iterable[Balance]) -> Verdict:
    """What becomes of charges by what was left before them: all are made where all have it, else none."""
    tightest: Verdict | None = None
    for charge, (left, reset) in zip(charges, balances, strict=True):
        allowance, cost = charge.allowance, charge.cost
        over = cost - left
        if over > SLACK:
            wait = reset if allowance.period is not None else over * allowance.interval
            return Verdict(False, allowance, max(0, floor(left + SLACK)), reset, wait)
        remaining = max(0, floor(SLACK - over))
        if tightest is None or remaining < tightest.remaining:
            later = reset if allowance.period is not None else reset + cost * allowance.interval
            tightest = Verdict(True, allowance, remaining, later)
    if tightest is None:
        raise ValueError("a request is charged to somebody")
    return tightest


def began(period: Period, now: float) -> float:
    """When the hour, day or month of `now` began; both in seconds since the epoch."""
    if period == "month":
        return datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
    return now - now % (HOUR if period == "hour" else DAY)


def ends(period: Period, now: float) -> float:
    """When it ends."""
    if period == "month":
        first = datetime.fromtimestamp(began(period, now), UTC)
        year, month = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
        return first.replace(year=year, month=month).timestamp()
    return began(period, now) + (HOUR if period == "hour" else DAY)
