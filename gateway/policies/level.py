"""Stage `level`: at which level a request is served (`gateway.sdk.levels`), once it is known that its caller may use the intent.

Under maintenance it ends here. What the other levels mean for its steps, the runtime knows.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from gateway.policies.levels import Levels
from gateway.sdk import Answer, Component, Exchange, Handler, Model, Services
from gateway.sdk.levels import NOTE


class LevelConfig(Model, frozen=True):
    """The levels of the plan."""

    levels: Any = None


class LevelStage:
    """Raises `Maintenance`. It waits for nothing, so it is no coroutine of its own."""

    def __init__(self, levels: Levels) -> None:
        self._levels = levels

    def __call__(self, exchange: Exchange, proceed: Handler, /) -> Awaitable[Answer]:
        scope, chosen = exchange.scope, exchange.chosen
        if scope is None or chosen is None:
            raise RuntimeError("the pipeline does not know the caller or the intent")
        force = self._levels.of(scope, chosen.name)
        if force is not None:
            exchange.notes[NOTE] = force
            if force.level == "maintenance":
                raise self._levels.refusal(force.tenant, chosen.name)
        return proceed(exchange)


def build(config: LevelConfig, services: Services) -> LevelStage | None:
    """Always in the chain: operators may set a level at any time."""
    del services
    return None if config.levels is None else LevelStage(config.levels)


component = Component(
    kind="stage",
    name="level",
    phase="admit",
    Config=LevelConfig,
    build=build,
    summary="At which level a request is served.",
    example='levels: {static: {when: "length(ctx.open_circuits) > `3`"}}',
)
