"""What can be told of the paths of routes before any request comes: just what the router would refuse, and what none would reach."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from gateway.config.models import Route
from gateway.config.models.route import Match
from gateway.planner.compiler import Compiler
from gateway.planner.findings import Findings
from gateway.planner.route_paths import RoutePaths
from gateway.server.router import Router
from tests.planner.folders import document

SEGMENTS = ("a", "b", "{x}", "{y}", "*", "**", "", ".", "..", "%41")


def told(*routes: tuple[str, str]) -> list[tuple[str, str]]:
    """Codes and messages of routes with these methods and paths; they are called `r0`, `r1` …"""
    findings, paths = Findings(), RoutePaths()
    for number, (method, path) in enumerate(routes):
        compiler = Compiler(document(f"route: r{number}\nmatch: {{path: '{path}'}}\n"), findings, functions={}, transforms={})
        paths.claim(Route(route=f"r{number}", match=Match(path=path)), (method,), compiler)
    return [(problem.code, problem.message) for problem in findings.problems]


@pytest.mark.parametrize(
    ("routes", "problem"),
    [
        ([("GET", "/a"), ("GET", "/a")], ("GW238", "route `r0` answers GET /a already")),
        ([("GET", "/a/{x}"), ("GET", "/a/{x}")], ("GW238", "route `r0` answers GET /a/{x} already")),
        ([("GET", "/a/*"), ("GET", "/a/*")], ("GW238", "route `r0` answers GET /a/* already")),
        ([("GET", "/a/{x}"), ("POST", "/a/{y}")], ("GW238", "route `r0` has the same path with other names: `/a/{x}`")),
        ([("GET", "/a/{x}"), ("POST", "/a/*")], ("GW238", "route `r0` has the same path with other names: `/a/{x}`")),
        ([("GET", "/a/**/b")], ("GW104", "`**` stands at the end of a path only")),
        ([("GET", "/{x}/{x}")], ("GW104", "`{x}` stands twice in the path")),
        ([("GET", "//a")], ("GW104", "no request has an empty segment in its path")),
        ([("GET", "/a/../b")], ("GW104", "dots in a path are resolved before it is matched")),
        ([("GET", "/a%20b")], ("GW104", "a path is decoded before it is matched")),
    ],
)
def test_what_is_refused(routes: list[tuple[str, str]], problem: tuple[str, str]) -> None:
    assert told(*routes) == [problem]


@pytest.mark.parametrize(
    "routes",
    [
        [("GET", "/a"), ("POST", "/a"), ("GET", "/a/"), ("GET", "/"), ("GET", "/**")],
        [("GET", "/a/{x}"), ("POST", "/a/{x}"), ("GET", "/a/b"), ("GET", "/a/**")],
        [("GET", "/{x}/a"), ("GET", "/{y}/b"), ("GET", "/*/*/c")],
        [("GET", "/größe/a.b")],
    ],
)
def test_what_can_stand_side_by_side(routes: list[tuple[str, str]]) -> None:
    assert told(*routes) == []


def test_what_is_accepted_the_router_takes() -> None:
    chance, accepted, refused = random.Random(1), 0, 0
    for _ in range(2_000):
        drawn = [
            (
                chance.choice(["GET", "POST"]),
                "/" + "/".join(chance.choices(SEGMENTS, [6, 6, 4, 3, 2, 1, 1, 1, 1, 1], k=chance.randrange(1, 4))),
            )
            for _ in range(2)
        ]
        taken = False
        with suppress(ValueError):
            router: Router[str] = Router()
            for method, path in drawn:
                router.add(method, path, path)
            taken = True
        if told(*drawn):
            refused += 1
        else:
            accepted += 1
            assert taken, drawn
    assert min(accepted, refused) > 300
