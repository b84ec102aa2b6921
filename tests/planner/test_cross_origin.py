"""Whose pages are let in, by the gateway and by one route."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.runtime.cross_origin import CrossOrigin
from tests.planner.folders import marked, planned

INTENT = "intent: ask\noutput: 1\n"
GATEWAY = "gateway: g\nidentity: [{anonymous: {}}]\n"
ROUTE = "route: asked\nmatch: {path: /asked}\nintent: ask\n"


def test_the_gateways_rules(tmp_path: Path) -> None:
    cors = "{origins: ['https://Shop.example:443', 'https://*.acme.example'], methods: [GET], credentials: true, max_age: 1m}"
    plan = planned(tmp_path, INTENT, gateway=f"{GATEWAY}server: {{cors: {cors}}}\n").plan
    assert plan is not None
    rules = plan.server.cross_origin
    assert rules is not None
    assert rules.origins == {"https://shop.example", "https://*.acme.example"}
    assert (rules.methods, rules.credentials, rules.max_age) == (frozenset({"GET"}), True, 60)
    assert "Authorization" in rules.headers
    assert "Retry-After" in rules.expose


def test_a_route_has_its_own(tmp_path: Path) -> None:
    pipeline = "pipeline: [{use: cors, options: {origins: ['https://shop.example'], headers: [], expose: []}}]\n"
    plan = planned(tmp_path, f"{INTENT}---\n{ROUTE}{pipeline}", gateway=GATEWAY).plan
    assert plan is not None
    assert plan.routes[0].cross_origin == CrossOrigin(frozenset({"https://shop.example"}))


@pytest.mark.parametrize(
    ("cors", "problems"),
    [
        ("{origins: ['https://a.example/b', '*']}", [("GW529", "'https://a.example/b'")]),
        ("{origins: ['*'], credentials: true}", [("GW529", "true")]),
        ("{origins: ['https://a.example'], credentials: true}", []),
    ],
)
def test_what_cannot_be_let_in_is_told(tmp_path: Path, cors: str, problems: list[tuple[str, str]]) -> None:
    assert marked(tmp_path, planned(tmp_path, INTENT, gateway=f"{GATEWAY}server: {{cors: {cors}}}\n")) == problems


@pytest.mark.parametrize(
    ("use", "problems"),
    [
        ("{use: cors}", [("GW104", "{use: cors}")]),
        ("{use: cors, options: {origins: https}}", [("GW104", "{origins: https}")]),
        ("{use: cors, options: {origins: [a]}}", [("GW529", "a")]),
        ("{use: cors, options: {origins: ['*'], max_age: soon}}", [("GW104", "{origins: ['*'], max_age: soon}")]),
        ("{use: opening_hours}", [("GW111", "opening_hours")]),
    ],
)
def test_what_a_route_cannot_use_is_told(tmp_path: Path, use: str, problems: list[tuple[str, str]]) -> None:
    made = planned(tmp_path, f"{INTENT}---\n{ROUTE}pipeline: [{use}]\n", gateway=GATEWAY)
    assert marked(tmp_path, made) == problems
