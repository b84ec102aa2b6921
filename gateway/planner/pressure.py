"""Priorities of intents and tenants, as the front of the server and the stage `admit` look them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.config.loaded import Loaded
from gateway.policies.pressure import Pressure
from gateway.policies.priorities import Priorities
from gateway.sdk.priority import NORMAL, Priority, rank_of


def plan_pressure(loaded: Loaded, credentials: Iterable[str], hosts: Mapping[str, str]) -> Pressure:
    """`credentials` are the headers by which callers are known, `hosts` the tenants by host name."""
    intents = {name: versions[-1].model.priority for name, versions in loaded.intents.items()}
    gateway = loaded.gateway
    known = gateway.model.tenants.known if gateway is not None and gateway.model.tenants is not None else {}
    tenants = {name: tenant.priority for name, tenant in known.items()}
    return Pressure(Priorities(_ranks(intents), _ranks(tenants)), credentials=tuple(sorted(credentials)), hosts=hosts)


def _ranks(priorities: Mapping[str, Priority]) -> dict[str, int]:
    """Of those that aren't `normal`."""
    ranks = {name: rank_of(priority) for name, priority in priorities.items()}
    return {name: rank for name, rank in ranks.items() if rank != NORMAL}
