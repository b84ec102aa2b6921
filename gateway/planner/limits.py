"""Limits, planned: policies `rate_limits`, the tiers of tenants, and intents' own (language §6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from gateway.config.loaded import Loaded, Parsed
from gateway.config.models import Intent, RateLimitsPolicy
from gateway.config.models import Limits as LimitsModel
from gateway.config.models.policies import Quota as QuotaModel
from gateway.config.models.policies import RateLimit
from gateway.expressions import Typing
from gateway.planner import roots
from gateway.planner.access import spot
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.policies.limit_owner import Expressions
from gateway.policies.limiter import DEFAULT, Limiter, Quota
from gateway.policies.limits import OwnLimits
from gateway.sdk import Path
from gateway.sdk.allowance import DAY, HOUR, Allowance, Period

MINUTE = 60.0
MONTH = 30 * DAY

COST = roots.POLICY | {"input", "output", "error", "status", "meta"}
"""What a cost may read; whatever is beyond the policies' roots is known when the answer is there."""

PLAIN_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")

Windows = list[tuple[str, float, float]]
"""The key that is written, units and seconds; the shortest window first."""


class LimitPlanner:
    """Prepares every policy `rate_limits`, and every intent's `limits`. A tier may stand in any policy."""

    def __init__(self, loaded: Loaded, compiler_for: Callable[[Parsed[Any]], Compiler], known: Known) -> None:
        self._policies = [
            cast("Parsed[RateLimitsPolicy]", policy) for policy in loaded.policies if isinstance(policy.model, RateLimitsPolicy)
        ]
        self._intents = [versions[-1] for _, versions in sorted(loaded.intents.items())]
        self._compiler_for = compiler_for
        self._known = known
        gateway = loaded.gateway
        tenants = gateway.model.tenants.known if gateway is not None and gateway.model.tenants is not None else {}
        self._tenant_tiers = {name: tenant.rate_limits for name, tenant in tenants.items() if tenant.rate_limits is not None}

    def policies(self) -> tuple[Limiter, ...]:
        """A limiter for each policy, in the order of files."""
        names: dict[str, int] = {}
        made = []
        for policy in self._policies:
            file = policy.document.file.rpartition(".")[0]
            names[file] = names.get(file, 0) + 1
            made.append(self._limiter(file if names[file] == 1 else f"{file}#{names[file]}", policy))
        return tuple(made)

    def of_intents(self) -> dict[str, OwnLimits]:
        """Those of each intent that has some, in its highest version."""
        return {parsed.name: self._own(parsed, parsed.model.limits) for parsed in self._intents if parsed.model.limits is not None}

    def _own(self, parsed: Parsed[Intent], limits: LimitsModel) -> OwnLimits:
        name, document = parsed.model.intent, parsed.document
        allowances = tuple(
            Allowance(f"intent.{name}/{key}", name, units, window, capacity, place=spot(document, ("limits", key)))
            for key, units, window, capacity in _capacities(limits)
        )
        key = self._key(limits.key, ("limits", "key"), self._compiler_for(parsed))
        return OwnLimits(name, allowances, key, limits.concurrency, spot(document, ("limits",)))

    def _limiter(self, name: str, policy: Parsed[RateLimitsPolicy]) -> Limiter:
        model, compiler = policy.model, self._compiler_for(policy)
        check, typing = self._known.check(compiler), Typing(self._known.roots)
        tier = compiler.template(model.tier, ("tier",), roots.POLICY)
        check.template(("tier",), typing)
        cost = compiler.optional(_written_cost(model.cost), ("cost",), COST)
        check.expression(("cost",), typing)
        tiers = self._tiers(name, policy)
        return Limiter(
            name=name,
            tiers=tiers,
            tier=tier,
            fallback=DEFAULT if DEFAULT in tiers else min(tiers, key=lambda each: _slowest(tiers[each])),
            key=self._key(model.key, ("key",), compiler),
            quotas=tuple(self._quota(name, policy, each, quota, compiler) for each, quota in model.quotas.items()),
            cost=cost,
            cost_after=cost is not None and any(reference[0] not in roots.POLICY for reference in cost.references),
            shadow=model.mode == "shadow",
            tenant_tiers=self._tenant_tiers,
        )

    def _tiers(self, limiter: str, asking: Parsed[RateLimitsPolicy]) -> dict[str, tuple[Allowance, ...]]:
        """All that are written, each as this policy counts it."""
        return {
            name: tuple(
                Allowance(
                    f"{limiter}/{name}/{key}", name, units, window, capacity, store_fails=asking.model.when_store_fails,
                    place=spot(policy.document, ("rate_limits", name, key)),
                )
                for key, units, window, capacity in _capacities(tier)
            )
            for policy in self._policies
            for name, tier in policy.model.rate_limits.items()
        }  # fmt: skip

    def _quota(self, limiter: str, policy: Parsed[RateLimitsPolicy], name: str, quota: QuotaModel, compiler: Compiler) -> Quota:
        key, units, window, period = _budget(quota)
        allowance = Allowance(
            f"{limiter}//{name}/{period}", name, units, window, units, period, store_fails=policy.model.when_store_fails,
            place=spot(policy.document, ("quotas", name, key)),
        )  # fmt: skip
        return Quota(allowance, self._key(quota.key, ("quotas", name, "key"), compiler))

    def _key(self, written: Sequence[str] | None, path: Path, compiler: Compiler) -> Expressions | None:
        if written is None:
            return None
        check, typing = self._known.check(compiler), Typing(self._known.roots)
        compiled = tuple(compiler.expression(text, (*path, index), roots.POLICY) for index, text in enumerate(written))
        for index in range(len(written)):
            check.expression((*path, index), typing)
        return compiled


def _capacities(limit: RateLimit | LimitsModel) -> Iterator[tuple[str, float, float, float]]:
    """Key, units, seconds, and what may come at once: `burst` is about the shortest window; without it all of a window's may."""
    for number, (key, units, window) in enumerate(_windows(limit)):
        yield key, units, window, float(limit.burst) if limit.burst is not None and number == 0 else max(1.0, units)


def _windows(limit: RateLimit | LimitsModel) -> Windows:
    written = (
        ("requests_per_second", limit.requests_per_second, 1.0),
        ("requests_per_minute", limit.requests_per_minute, MINUTE),
        ("requests_per_hour", limit.requests_per_hour, HOUR),
        ("requests_per_day", limit.requests_per_day, DAY),
    )
    return [(key, units, window) for key, units, window in written if units is not None]


def _written_cost(cost: str | None) -> str | None:
    """A number alone is one, without the backticks of JMESPath."""
    return f"`{cost.strip()}`" if cost is not None and PLAIN_NUMBER.fullmatch(cost.strip()) else cost


def _slowest(allowances: Sequence[Allowance]) -> float:
    return min((allowance.units / allowance.window for allowance in allowances), default=float("inf"))


def _budget(quota: QuotaModel) -> tuple[str, float, float, Period]:
    """The one rate that a quota has."""
    written: Mapping[Period, tuple[float | None, float]] = {
        "hour": (quota.requests_per_hour, HOUR),
        "day": (quota.requests_per_day, DAY),
        "month": (quota.requests_per_month, MONTH),
    }
    return next((f"requests_per_{period}", units, window, period) for period, (units, window) in written.items() if units is not None)
