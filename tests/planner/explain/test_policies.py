from __future__ import annotations

from pathlib import Path

from gateway.planner.explain.account import Line
from gateway.planner.explain.lines import Lines
from gateway.planner.explain.policies import breaker_place, policies
from gateway.testing.scenario import prepare
from tests.planner.explain.folders import ask


def test_what_holds_for_every_call_of_an_intent(tmp_path: Path) -> None:
    written = (
        "policy: rate_limits\nrate_limits: {default: {requests_per_minute: 60}}\nquotas: {month: {requests_per_month: 5}}\nmode: shadow\n"
        "---\npolicy: releases\nreleases: {ask: {stable: 1}}\n"
    )
    intent = "intent: ask\nsoft_deadline: 1s\nidempotency_key: [input.x]\ninput: {type: object, properties: {x: {}}}\noutput: 1\n"
    made = prepare(tmp_path, {"specs/all.yaml": intent, "policies/all.yaml": written}, {})
    found = list(policies(made.planned, made.planned.loaded.intents["ask"][-1], Lines(made.planned)))
    assert [(line.text, line.place) for line in found] == [
        ("soft_deadline 1s", "specs/all.yaml:2"),
        ('idempotency_key ["input.x"]', "specs/all.yaml:3"),
        ("deadline 10s, by default", None),
        ("policy rate_limits", "policies/all.yaml:1"),
        ('limit default {"requests_per_minute": 60}', "policies/all.yaml:2"),
        ('quota month {"requests_per_month": 5}', "policies/all.yaml:3"),
        ("mode shadow", "policies/all.yaml:4"),
        ('release {"stable": 1}', "policies/all.yaml:7"),
    ]
    assert found[0] == Line("soft_deadline 1s", "specs/all.yaml:2", in_force=False)


def test_where_a_breaker_is_declared(tmp_path: Path) -> None:
    made, _ = ask(tmp_path, "a: {call: shop.plain}")
    assert breaker_place(made.planned, "slow") == "policies/b.yaml:3"
    assert breaker_place(made.planned, "quick") is None
