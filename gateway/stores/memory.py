"""State `memory`: each process keeps its own, and nothing is shared."""

from __future__ import annotations

from typing import Annotated

from gateway.sdk import Component, Model, Name, Secret, Services, described
from gateway.sdk.state import StateStore

HINT = "write `memory://`, and nothing behind it"


class MemoryConfig(Model, frozen=True, kw_only=True):
    """Nothing to choose."""

    url: Annotated[Secret, described("`memory://`.")]
    gateway: Annotated[Name, described("The gateway's name.")]


def build(config: MemoryConfig, services: Services) -> StateStore | None:
    """Always None: there is no store to share."""
    if config.url != "memory://":
        services.problem("GW252", "state in memory has no place", path=(), hint=HINT)
    return None


component = Component(
    kind="state",
    name="memory",
    Config=MemoryConfig,
    build=build,
    summary="Kept answers in each process's own memory.",
    example="stores: {state: 'memory://'}",
)
