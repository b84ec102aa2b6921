"""The order of the onion, and that every layer really wraps those behind it."""

from __future__ import annotations

import pytest

from gateway.pipeline.fold import Layer, fold, fold_front, ordered
from gateway.pipeline.phases import PHASES, Phase
from gateway.sdk import Answer, Exchange, Handler, Stage
from tests.policies.exchanges import make_exchange


def noting(trail: list[str], name: str) -> Stage:
    async def stage(exchange: Exchange, proceed: Handler) -> Answer:
        trail.append(f"{name} in")
        answer = await proceed(exchange)
        trail.append(f"{name} out")
        return answer

    return stage


def layers(trail: list[str], *phases: Phase) -> list[Layer]:
    return [Layer(phase, phase, noting(trail, phase)) for phase in phases]


async def test_layers_run_outside_in_whatever_order_they_were_given_in() -> None:
    trail: list[str] = []

    async def innermost(exchange: Exchange) -> Answer:
        trail.append("steps")
        return Answer("complete", data=1)

    handler = fold(layers(trail, "validate", "trace", "render", "identify"), innermost)
    answer = await handler(make_exchange())
    assert answer.data == 1
    assert trail == [
        *("trace in", "render in", "identify in", "validate in"),
        "steps",
        *("validate out", "identify out", "render out", "trace out"),
    ]


async def test_a_stage_that_answers_itself_stops_there() -> None:
    async def busy(exchange: Exchange, proceed: Handler) -> Answer:
        return Answer("pending")

    async def never(exchange: Exchange) -> Answer:
        raise AssertionError

    assert (await fold([Layer("admit", "busy", busy)], never)(make_exchange())).status == "pending"


async def test_no_layers_leave_the_innermost_as_it_is() -> None:
    async def innermost(exchange: Exchange) -> Answer:
        return Answer("complete")

    assert fold([], innermost) is innermost


async def test_the_front_ends_before_the_intent_is_looked_for() -> None:
    trail: list[str] = []
    answer = await fold_front(layers(trail, *PHASES[:-1]))(make_exchange())
    assert answer.status == "complete"
    assert [step for step in trail if step.endswith(" in")] == [
        f"{phase} in" for phase in ("trace", "record", "render", "identify", "tenant", "limit")
    ]


def test_layers_of_one_phase_keep_their_order() -> None:
    first, second = (Layer("limit", name, noting([], name)) for name in ("first", "second"))
    assert [layer.name for layer in ordered([first, second])] == ["first", "second"]


def test_an_unknown_phase_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        ordered([Layer("lunch", "lunch", noting([], ""))])  # type: ignore[arg-type]
