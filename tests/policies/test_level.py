"""The stage: what it notes, and where a request ends."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.level import LevelConfig, build, component
from gateway.policies.level_settings import LevelSetting
from gateway.sdk import Answer, Exchange, Maintenance
from gateway.sdk.levels import NOTE
from tests.policies.exchanges import FakeCard, FakeServices, identified, make_caller, make_exchange, pass_on
from tests.policies.test_levels import Kit


def exchange() -> Exchange:
    return identified(make_caller("customer"), chosen=FakeCard("track"))


async def serve(kit: Kit, asked: Exchange) -> Answer:
    stage = build(LevelConfig(levels=kit.levels), FakeServices())  # type: ignore[arg-type]
    assert stage is not None
    return await stage(asked, pass_on)


async def test_where_all_is_well_the_request_goes_on_as_it_is() -> None:
    asked = exchange()
    assert (await serve(Kit(), asked)).status == "complete"
    assert NOTE not in asked.notes


@pytest.mark.parametrize("level", ["reduced", "static"])
async def test_what_it_is_served_at_is_noted(level: Any) -> None:
    kit, asked = Kit(), exchange()
    kit.set(level)
    assert (await serve(kit, asked)).status == "complete"
    assert asked.notes[NOTE].level == level


async def test_under_maintenance_it_ends() -> None:
    kit, asked = Kit(), exchange()
    kit.levels.take([LevelSetting(level="maintenance", at=1.0, intent="track")])
    with pytest.raises(Maintenance):
        await serve(kit, asked)
    assert asked.notes[NOTE].level == "maintenance"


async def test_a_request_without_a_caller_is_a_fault_of_the_pipeline() -> None:
    with pytest.raises(RuntimeError):
        await serve(Kit(), make_exchange())


def test_without_levels_it_is_not_in_the_chain() -> None:
    assert build(LevelConfig(), FakeServices()) is None  # type: ignore[arg-type]
    assert component.phase == "admit"
