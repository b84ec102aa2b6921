"""Degradation levels: how much of its work the gateway does at the moment.

    full          everything
    reduced       what is needed: optional reads are left out, and whatever may stand in for a failure is given before a backend is asked
    static        what is there already: no backend is asked, so only kept answers, `return` rungs and static sources answer
    maintenance   nothing

What each means for the steps of a run is in `gateway.runtime.level`, which level a request is served at in `gateway.policies.levels`.
"""

from __future__ import annotations

from typing import get_args

from gateway.sdk.answer import Level

LEVELS: tuple[Level, ...] = get_args(Level)
"""From the best to the worst."""

SEVERITY: dict[Level, int] = {level: number for number, level in enumerate(LEVELS)}
"""0 for `full`, 3 for `maintenance`."""

NOTE = "level"
"""Where the `InForce` of a request stands in `Exchange.notes` and `CallContext.notes`; nothing stands there while all is well."""


def worst(one: Level, other: Level) -> Level:
    """Of two that apply."""
    return one if SEVERITY[one] >= SEVERITY[other] else other
