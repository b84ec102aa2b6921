"""The levels in force: what conditions ask for and what operators have set, the worst of both (`gateway.sdk.levels`).

Each change of the level of the gateway, a tenant or an intent leaves one log record, and a gauge shows it. A level that depends on who
asks is in force for single requests only: those are counted by the level of their answers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec

from gateway.policies.level_conditions import NOTHING, Found, LevelConditions
from gateway.policies.level_settings import LevelSetting, LevelSettings, Target
from gateway.sdk import Clock, Level, Maintenance, Metrics, Scope
from gateway.sdk.levels import SEVERITY, worst
from gateway.sdk.standings import Standings

WAIT = 60.0
"""Seconds after which it makes sense to ask again where nobody said until when a level is set."""

ONLY_TENANT = "default"


class InForce(msgspec.Struct, frozen=True):
    """What a request is served at. `levels` knows what is set for the intents that it calls."""

    level: Level
    tenant: str
    levels: Levels

    def within(self, intent: str) -> InForce:
        """What a sub-intent is run at, which may be worse."""
        setting = self.levels.setting(self.tenant, intent)
        level = self.level if setting is None else worst(self.level, setting.level)
        return self if level == self.level else InForce(level, self.tenant, self.levels)


class Levels:
    """One for each plan. `tenants` and `intents` are all there are."""

    def __init__(
        self, conditions: LevelConditions, *, tenants: frozenset[str], intents: frozenset[str], clock: Clock, metrics: Metrics,
        standings: Standings,
    ) -> None:  # fmt: skip
        self.conditions = conditions
        self.settings = LevelSettings()
        self.tenants = tenants
        self.intents = intents
        self._clock = clock
        self._metrics = metrics
        self._standings = standings
        self._logger = logging.getLogger("gateway.levels")
        self._told: dict[Target, Level] = {}
        self._conditional = bool(conditions)
        self._alone = tenants == {ONLY_TENANT}
        self._last: dict[str, Found] = {}
        self._roots: dict[str, Scope] = {}
        self._show(Target())

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now().timestamp()

    def of(self, scope: Scope, intent: str) -> InForce | None:
        """For one request; None where all is well, for the intents that it may call too."""
        settings = self.settings
        if not settings.any and not self._conditional:
            return None
        tenant = scope["tenant"]["id"]
        level = self._by_condition(scope, tenant) if self._conditional else "full"
        if settings.any:
            now = self.now()
            self.tell(settings.expired(now))
            setting = settings.worst(tenant, intent, now)
            level = level if setting is None else worst(level, setting.level)
        return InForce(level, tenant, self) if level != "full" or settings.any else None

    def setting(self, tenant: str, intent: str | None) -> LevelSetting | None:
        """The worst that operators have set for a tenant's intent."""
        return self.settings.worst(tenant, intent, self.now()) if self.settings.any else None

    def refusal(self, tenant: str, intent: str) -> Maintenance:
        """What a request is answered under maintenance."""
        error = Maintenance()
        setting, now = self.setting(tenant, intent), self.now()
        until = None if setting is None or setting.level != "maintenance" else setting.until
        error.retry_after = WAIT if until is None else max(1.0, until - now)
        return error

    def take(self, settings: Iterable[LevelSetting]) -> None:
        """What operators have set, here or elsewhere."""
        self.tell(self.settings.take(settings, self.now()))

    def look(self) -> None:
        """Notices levels whose time is over though nobody asks for anything."""
        self.tell(self.settings.expired(self.now()))

    def tell(self, targets: Iterable[Target]) -> None:
        """Logs what has changed for these targets."""
        for target in targets:
            setting = self.settings.at(target, self.now())
            self._log(target, {} if setting is None else {"reason": setting.reason, "by": setting.by, "until": setting.until})

    def in_force(self, target: Target) -> Level:
        """For the gauge and the log: what operators set for a target and, where it is the same for all callers, what conditions ask for."""
        setting = self.settings.at(target, self.now())
        level: Level = "full" if setting is None else setting.level
        tenant = ONLY_TENANT if self._alone and target == Target() else target.tenant
        if tenant in self._roots and target.intent is None:
            level = worst(level, self.conditions.find(self._anew(tenant)).level)
        return level

    def _by_condition(self, scope: Scope, tenant: str) -> Level:
        found = self.conditions.find(scope)
        if found is not self._last.get(tenant, NOTHING) and self.conditions.steady:
            self._last[tenant] = found
            self._roots[tenant] = {"user": {}, "tenant": scope["tenant"], "config": scope["config"], "ctx": {"open_circuits": []}}
            self._log(Target(None if self._alone else tenant), {"rule": found.place})
        return found.level

    def _anew(self, tenant: str) -> Scope:
        """The roots that steady conditions read, as of now."""
        return {**self._roots[tenant], "ctx": {"open_circuits": self._standings.open_circuits(tenant, self._clock.monotonic())}}

    def _log(self, target: Target, why: dict[str, Any]) -> None:
        level, before = self.in_force(target), self._told.get(target, "full")
        if level == before:
            return
        self._told[target] = level
        self._show(target)
        loudness = logging.WARNING if SEVERITY[level] > SEVERITY[before] else logging.INFO
        fields = {"scope": str(target), "degradation": level, "before": before, **why}
        self._logger.log(loudness, "degradation level", extra={"fields": fields})

    def _show(self, target: Target) -> None:
        self._metrics.gauge(
            "gateway_degradation_level", "0 full, 1 reduced, 2 static, 3 maintenance, by what it is in force for.",
            partial(self._shown, target), scope=str(target),
        )  # fmt: skip

    def _shown(self, target: Target) -> float:
        return SEVERITY[self.in_force(target)]
