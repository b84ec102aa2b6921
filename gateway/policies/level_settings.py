"""The levels that operators have set: for the gateway, a tenant, an intent, or an intent of one tenant.

Several processes may know different ones for a while. Of two for one target the later holds, so whoever learns of all of them, in
whatever order, ends with the same; one that was taken back stays known as `full`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Annotated, NamedTuple

import msgspec

from gateway.sdk import Level
from gateway.sdk.levels import SEVERITY

MOST = 10_000
"""Targets that are known at once; the ones that were taken back longest ago are forgotten first."""

LONGEST_NAME = 256
LONGEST_REASON = 1000
LATEST = 1e11
"""Seconds since the epoch; no clock tells a later time."""

FORGOTTEN = 30 * 86_400.0
"""Seconds after which one that was taken back, or whose time is over, need not be known any more."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]


class Target(NamedTuple):
    """What a level is set for; without either the whole gateway."""

    tenant: str | None = None
    intent: str | None = None

    def __str__(self) -> str:
        told = [f"{kind} {name}" for kind, name in zip(self._fields, self, strict=True) if name is not None]
        return ", ".join(told) or "gateway"


class LevelSetting(msgspec.Struct, frozen=True, kw_only=True):
    """One level for one target. `at` is when it was set and `until` when its time is over, in seconds since the epoch; `by` is who did."""

    level: Level
    at: float
    tenant: Name | None = None
    intent: Name | None = None
    until: float | None = None
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] | None = None
    by: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)] | None = None

    @property
    def target(self) -> Target:
        """What it is for."""
        return Target(self.tenant, self.intent)

    def holds(self, now: float) -> bool:
        """Whether it makes a difference."""
        return self.level != "full" and (self.until is None or now < self.until)


class LevelSettings:
    """All that this process knows of."""

    def __init__(self) -> None:
        self._known: dict[Target, LevelSetting] = {}
        self._holding: dict[Target, LevelSetting] = {}
        self._until = inf
        self.any = False
        """Whether any may hold."""

    def all(self) -> list[LevelSetting]:
        """Everything, what was taken back too."""
        return list(self._known.values())

    def holding(self, now: float) -> list[LevelSetting]:
        """Those that hold, in order of target."""
        return [self._holding[target] for target in sorted(self._holding, key=str) if self._holding[target].holds(now)]

    def later(self, target: Target, now: float) -> float:
        """A time for a new one: now, and later than that of the one before, whatever another machine's clock says."""
        known = self._known.get(target)
        return now if known is None else max(now, known.at + 0.001)

    def take(self, settings: Iterable[LevelSetting], now: float) -> set[Target]:
        """Those of `settings` that are news; the targets for which that changes something."""
        changed = set()
        for setting in settings:
            known = self._known.get(setting.target)
            if known is None or _order(setting) > _order(known):
                self._known[setting.target] = setting
                changed.add(setting.target)
        if changed:
            self._sort(now)
        return changed

    def expired(self, now: float) -> set[Target]:
        """The targets whose level is over since this was asked last."""
        if now < self._until:
            return set()
        before = set(self._holding)
        self._sort(now)
        return before - set(self._holding)

    def worst(self, tenant: str, intent: str | None, now: float) -> LevelSetting | None:
        """The worst that holds for a request of a tenant, for an intent where one is named; None where all is well."""
        found: LevelSetting | None = None
        for target in _targets(tenant, intent):
            setting = self._holding.get(target)
            if setting is not None and setting.holds(now) and (found is None or SEVERITY[setting.level] > SEVERITY[found.level]):
                found = setting
        return found

    def at(self, target: Target, now: float) -> LevelSetting | None:
        """The one that holds for exactly this target."""
        setting = self._holding.get(target)
        return setting if setting is not None and setting.holds(now) else None

    def _sort(self, now: float) -> None:
        outdated = [target for target, each in self._known.items() if not each.holds(now) and now - (each.until or each.at) > FORGOTTEN]
        over = sorted((each for each in self._known.values() if not each.holds(now)), key=lambda each: each.at)
        outdated += [each.target for each in over[: max(0, len(self._known) - MOST)]]
        for target in outdated:
            self._known.pop(target, None)
        self._holding = {target: each for target, each in self._known.items() if each.holds(now)}
        self.any = bool(self._holding)
        self._until = min((each.until for each in self._holding.values() if each.until is not None), default=inf)


def _targets(tenant: str, intent: str | None) -> Iterator[Target]:
    yield Target()
    yield Target(tenant)
    if intent is not None:
        yield Target(None, intent)
        yield Target(tenant, intent)


def _order(setting: LevelSetting) -> tuple[float, bytes]:
    """Two that were set at one moment on two machines are told apart by what they say."""
    return setting.at, _encode(setting)


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(list[LevelSetting])


def packed(settings: Sequence[LevelSetting]) -> bytes:
    """For other processes, and for what comes after this one."""
    return _encode(settings)


def unpacked(written: bytes | str) -> list[LevelSetting]:
    """Raises `ValueError` for what was not packed here."""
    try:
        settings = _decoder.decode(written)
    except msgspec.MsgspecError as error:
        raise ValueError("these are no level settings") from error
    if not all(0.0 <= moment <= LATEST for each in settings for moment in (each.at, each.until or 0.0)):
        raise ValueError("these are no level settings")
    return settings
