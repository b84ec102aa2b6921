"""The exact change that carries out a fix."""

from __future__ import annotations

import pytest

from gateway.config.replacement import replacement
from gateway.sdk.problem import Place, Problem


def problem(code: str, column: int, end: int, fix: str | None) -> Problem:
    return Problem(code, "error", "m", Place("a.yaml", 1, column, end), fix=fix)


@pytest.mark.parametrize(
    ("line", "found", "old", "new"),
    [
        ("timout: 1s", problem("GW101", 1, 7, "timeout"), "timout", "timeout"),
        ("'timout': 1s", problem("GW101", 1, 9, "timeout"), "'timout'", "'timeout'"),
        ('"Timeout": 1s', problem("GW101", 1, 10, "timeout"), '"Timeout"', '"timeout"'),
        ("timeout: 5 sec # x", problem("GW105", 10, 15, "5s"), "5 sec", "5s"),
        ("timeout: '5 sec'", problem("GW105", 10, 17, "5s"), "'5 sec'", "'5s'"),
        ("required: 'yes'", problem("GW102", 11, 16, "true"), "'yes'", "true"),
        ("max: '-5'", problem("GW102", 6, 10, "-5"), "'-5'", "-5"),
        ("call: crm.get_ordr", problem("GW223", 11, 19, "get_order"), "get_ordr", "get_order"),
        ("call: api.listPet", problem("GW223", 11, 18, "list-pet"), "listPet", "list-pet"),
        ("output: ${ steps.a.opne }", problem("GW226", 20, 24, "open"), "opne", "open"),
        ("日本: timout", problem("GW101", 5, 11, "timeout"), "timout", "timeout"),
    ],
)
def test_what_is_replaced(line: str, found: Problem, old: str, new: str) -> None:
    change = replacement(found, line)
    assert change is not None
    assert (change.old, change.new, change.place, change.code) == (old, new, found.place, found.code)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("timout: 1s", problem("GW101", 1, 7, None)),
        (None, problem("GW101", 1, 7, "timeout")),
        ("timo", problem("GW101", 1, 7, "timeout")),
        ("timout", problem("GW101", 1, 1, "timeout")),
        ("call: crm.get_ordr", problem("GW223", 7, 19, "get_order")),
        ('"tim\\u006fut": 1', problem("GW101", 1, 14, "timeout")),
        ("a: b", problem("GW101", 1, 2, "x: y")),
        ("tpye: nul", problem("GW104", 7, 10, "a b")),
        ("a: lsit pets", problem("GW223", 4, 13, "list pets")),
        ("${ a.b-d }", problem("GW226", 6, 9, "b-c")),
        ("a: …", problem("GW104", 4, 5, "…")),
    ],
)
def test_where_nothing_is_plain_nothing_is_replaced(line: str | None, found: Problem) -> None:
    assert replacement(found, line) is None
