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
from gateway.sdk import Compiled, Path
from gateway.sdk.allowance import DAY, HOUR, Allowance, Period, StoreFails

MINUTE = 60.0
MONTH = 30 * DAY

COST = roots.POLICY | {"input", "output", "error", "status", "meta"}
"""What a cost may read; whatever is beyond the policies' roots is known when the answer is there."""

PLAIN_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")

Windows = list[tuple[str, float, float]]
"""The key that is written, units and seconds; the shortest window first."""


class LimitPlanner:
    """Prepares policy `rate_limits`, which several documents may make up together, and every intent's `limits`."""

    def __init__(self, loaded: Loaded, compiler_for: Callable[[Parsed[Any]], Compiler], known: Known) -> None:
        policies = (policy for policy in loaded.policies if isinstance(policy.model, RateLimitsPolicy))
        self._policies = [cast("Parsed[RateLimitsPolicy]", policy) for policy in policies]
        self._compilers = {id(policy): compiler_for(policy) for policy in self._policies}
        self._intents = [versions[-1] for _, versions in sorted(loaded.intents.items())]
        self._compiler_for = compiler_for
        self._known = known
        gateway = loaded.gateway
        tenants = gateway.model.tenants.known if gateway is not None and gateway.model.tenants is not None else {}
        self._tenant_tiers = {name: tenant.rate_limits for name, tenant in tenants.items() if tenant.rate_limits is not None}

    def policy(self) -> Limiter | None:
        """What is made of all documents of the policy; None where there is none."""
        if not self._policies:
            return None
        tiers = {name: allowances for policy in self._policies for name, allowances in self._tiers(policy)}
        cost = self._cost()
        return Limiter(
            tiers=tiers,
            tier=self._tier(),
            fallback=DEFAULT if DEFAULT in tiers else min(tiers, key=lambda each: _slowest(tiers[each])),
            key=self._policy_key(),
            quotas=tuple(quota for policy in self._policies for quota in self._quotas(policy)),
            cost=cost,
            cost_after=cost is not None and any(reference[0] not in roots.POLICY for reference in cost.references),
            shadow=self._writing("mode").model.mode == "shadow",
            tenant_tiers=self._tenant_tiers,
        )

    def of_intents(self) -> dict[str, OwnLimits]:
        """Those of each intent that has some, in its highest version."""
        return {parsed.name: self._own(parsed, parsed.model.limits) for parsed in self._intents if parsed.model.limits is not None}

    def _own(self, parsed: Parsed[Intent], limits: LimitsModel) -> OwnLimits:
        name, document = parsed.model.intent, parsed.document
        allowances = tuple(
            Allowance(f"intent.{name}/{key}", name, units, window, capacity, place=spot(document, ("limits", key)))
            for key, units, window, capacity in _capacities(limits)
        )
        key = None if limits.key is None else self._key(limits.key, ("limits", "key"), self._compiler_for(parsed))
        return OwnLimits(name, allowances, key, limits.concurrency, spot(document, ("limits",)))

    def _writing(self, key: str) -> Parsed[RateLimitsPolicy]:
        """The document that writes a key, of which there is one at most; else the first."""
        return next((policy for policy in self._policies if key in policy.document.data), self._policies[0])

    def _tier(self) -> Compiled:
        policy = self._writing("tier")
        compiler = self._compilers[id(policy)]
        tier = compiler.template(policy.model.tier, ("tier",), roots.POLICY)
        self._known.check(compiler).template(("tier",), Typing(self._known.roots))
        return tier

    def _cost(self) -> Compiled | None:
        policy = self._writing("cost")
        compiler = self._compilers[id(policy)]
        cost = compiler.optional(_written_cost(policy.model.cost), ("cost",), COST)
        self._known.check(compiler).expression(("cost",), Typing(self._known.roots))
        return cost

    def _policy_key(self) -> Expressions | None:
        """A list may be written in several documents; here that would leave open what is meant."""
        writing = [policy for policy in self._policies if policy.model.key is not None]
        for policy in writing[1:]:
            first = writing[0].document.place(("key",), key=True)
            self._compilers[id(policy)].findings.report(
                policy.document, "GW120", "`key` of policy `rate_limits` is written twice", ("key",), key=True,
                hint=f"the first is at {first.file}:{first.line}:{first.column}",
            )  # fmt: skip
        if not writing or writing[0].model.key is None:
            return None
        return self._key(writing[0].model.key, ("key",), self._compilers[id(writing[0])])

    def _tiers(self, policy: Parsed[RateLimitsPolicy]) -> Iterator[tuple[str, tuple[Allowance, ...]]]:
        for name, tier in policy.model.rate_limits.items():
            yield name, tuple(
                Allowance(
                    f"tier.{name}/{key}", name, units, window, capacity, store_fails=self._store_fails,
                    place=spot(policy.document, ("rate_limits", name, key)),
                )
                for key, units, window, capacity in _capacities(tier)
            )  # fmt: skip

    def _quotas(self, policy: Parsed[RateLimitsPolicy]) -> Iterator[Quota]:
        for name, quota in policy.model.quotas.items():
            key, units, window, period = _budget(quota)
            place = spot(policy.document, ("quotas", name, key))
            allowance = Allowance(f"quota.{name}", name, units, window, units, period, store_fails=self._store_fails, place=place)
            compiler = self._compilers[id(policy)]
            yield Quota(allowance, None if quota.key is None else self._key(quota.key, ("quotas", name, "key"), compiler))

    @property
    def _store_fails(self) -> StoreFails:
        return self._writing("when_store_fails").model.when_store_fails

    def _key(self, written: Sequence[str], path: Path, compiler: Compiler) -> Expressions:
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
