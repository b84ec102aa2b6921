"""What a level means for a step; `tests/scenarios/test_levels.py` shows it from the outside."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.level_settings import LevelSetting
from gateway.runtime.level import NOT_SENT, is_silent, level_of, level_within, not_sent, stale_ages
from gateway.runtime.plan import Let, Rung, StepPlan
from gateway.sdk import CallContext, ExpressionFault, Level, Maintenance, Scope
from gateway.sdk.levels import NOTE
from tests.policies.test_level_conditions import Asks
from tests.policies.test_levels import Kit
from tests.server.gateways import make_intent


def step(*ladder: Rung, **members: Any) -> StepPlan:
    return StepPlan("s", Let(()), (), (), ladder=ladder, **members)


def context(kit: Kit, intent: str = "track") -> CallContext:
    notes = {NOTE: force} if (force := kit.levels.of(kit.scope(), intent)) is not None else {}
    return CallContext({}, ("default",), {}, notes=notes)


@pytest.mark.parametrize(
    ("level", "required", "writes", "silent"),
    [
        ("full", False, False, False),
        ("reduced", True, False, False),
        ("reduced", False, False, True),
        ("reduced", False, True, False),
        ("static", True, False, True),
        ("static", True, True, True),
    ],
)
def test_what_may_be_sent(level: Level, required: bool, writes: bool, silent: bool) -> None:
    assert is_silent(level, step(required=required, writes=writes)) is silent


def test_a_sub_intent_runs_at_the_worst_of_all() -> None:
    kit = Kit()
    assert level_of(context(kit), make_intent("bill")) == "full"
    kit.set("reduced", intent="bill")
    at = context(kit)
    assert [level_of(at, make_intent(name)) for name in ("bill", "track")] == ["reduced", "full"]
    assert level_within("full", step(), at, make_intent("bill")) == "reduced"
    assert level_within("reduced", step(), at, make_intent("track")) == "reduced"
    assert level_within("reduced", step(required=False), at, make_intent("track")) == "static"
    assert level_within("static", step(), at, make_intent("bill")) == "static"


@pytest.mark.parametrize("level", ["full", "static"])
def test_under_maintenance_a_sub_intent_does_not_run(level: Level) -> None:
    kit = Kit()
    kit.levels.take([LevelSetting(level="maintenance", at=1.0, intent="bill")])
    with pytest.raises(Maintenance):
        level_within(level, step(), context(kit), make_intent("bill"))


def test_rungs_tell_how_old_what_is_kept_may_be() -> None:
    def fails(_: Scope) -> Any:
        raise ExpressionFault

    ladder = (
        Rung(0, None, value=Asks(lambda _: "x")),
        Rung(1, Asks(lambda scope: scope["error"]["code"] == "timeout"), stale=60.0),
        Rung(2, Asks(lambda scope: scope["error"]["code"] == "unavailable" and scope["error"]["step"] == "s"), stale=120.0),
        Rung(3, Asks(fails), stale=180.0),
        Rung(4, None, stale=240.0),
    )
    assert list(stale_ages(step(*ladder), {})) == [120.0, 240.0]
    assert list(stale_ages(step(), {})) == []


def test_what_was_not_sent_tells_nothing_of_why() -> None:
    error = not_sent()
    assert (error.code, error.detail_code, error.passing) == ("unavailable", NOT_SENT, True)
