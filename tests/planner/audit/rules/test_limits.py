from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.audit.folders import INTENT, told

ROLES = "policy: roles\nroles: {anonymous: {}}\n"
SOURCE = """
source: shop
type: {type}
{keys}
operations: {operations}
---
intent: ask
summary: Asks
steps: {{a: {{call: shop.a}}}}
output: ${{ steps.a }}
"""
KINDS = {
    "http": ("servers: ['http://127.0.0.1']", "{{a: {{request: GET /a{more}}}}}"),
    "sql": ("url: postgresql://db.example/a", "{{a: {{query: SELECT 1{more}}}}}"),
    "sqlite": ("url: sqlite:///a.db", "{{a: {{query: SELECT 1{more}}}}}"),
    "static": ("summary: S", "{{a: {{value: 1{more}}}}}"),
}


def source(kind: str, keys: str = "", more: str = "") -> str:
    own, operations = KINDS[kind]
    return SOURCE.format(type=kind.replace("sqlite", "sql"), keys=f"{own}\n{keys}".strip(), operations=operations.format(more=more))


@pytest.mark.parametrize(
    ("specs", "policies", "unlimited"),
    [
        (INTENT, ROLES, True),
        (INTENT, f"{ROLES}---\npolicy: rate_limits\nrate_limits: {{default: {{requests_per_minute: 60}}}}\n", False),
        (f"{INTENT}limits: {{requests_per_minute: 60}}\n", ROLES, False),
    ],
)
def test_no_rate_limit(tmp_path: Path, specs: str, policies: str, unlimited: bool) -> None:
    found = told(tmp_path, "GA201", specs=specs, policies=policies)
    assert found == ([("gateway.yaml:1:1", "there is no policy `rate_limits`, and no intent has `limits`")] if unlimited else [])


CASES = [("http", "", "", True), ("sql", "", "", True), ("sqlite", "", "", False), ("static", "", "", False)]


@pytest.mark.parametrize(
    ("kind", "keys", "more", "found"),
    [*CASES, ("http", "circuit_breaker: {failure_threshold: 3}", "", False), ("http", "", ", circuit_breaker: {}", False)],
)
def test_no_breaker(tmp_path: Path, kind: str, keys: str, more: str, found: bool) -> None:
    expected = [("specs/all.yaml:1:1", "source `shop` has no `circuit_breaker`")] if found else []
    assert told(tmp_path, "GA202", specs=source(kind, keys, more)) == expected


@pytest.mark.parametrize(
    ("kind", "keys", "more", "found"), [*CASES, ("http", "timeout: 5s", "", False), ("http", "", ", timeout: 1s", False)]
)
def test_default_timeout(tmp_path: Path, kind: str, keys: str, more: str, found: bool) -> None:
    expected = [("specs/all.yaml:1:1", "source `shop` has no `timeout`, so each call may take 5s")] if found else []
    assert told(tmp_path, "GA203", specs=source(kind, keys, more)) == expected


@pytest.mark.parametrize(
    ("kind", "keys", "more", "found"),
    [*CASES, ("http", "retry: {max: 1}", "", False), ("http", "", ", retry: {max: 0}", False), ("http", "", ", effect: write", False)],
)
def test_no_retry(tmp_path: Path, kind: str, keys: str, more: str, found: bool) -> None:
    expected = [("specs/all.yaml:1:1", "reads of source `shop` have no `retry`")] if found else []
    assert told(tmp_path, "GA204", specs=source(kind, keys, more)) == expected


@pytest.mark.parametrize(("keys", "found"), [("deadline: 31s", True), ("deadline: 30s", False), ("deadline: 5m\nmode: async", False)])
def test_long_deadline(tmp_path: Path, keys: str, found: bool) -> None:
    expected = [("specs/all.yaml:4:11", "intent `ask` may keep a caller waiting for 31s")] if found else []
    assert told(tmp_path, "GA205", specs=f"{INTENT}{keys}\n") == expected


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("call: shop.a", 0),
        ("foreach: '[`1`]', call: shop.a", 1000),
        ("foreach: '[`1`]', max_items: 101, call: shop.a", 101),
        ("foreach: '[`1`]', max_items: 100, call: shop.a", 0),
    ],
)
def test_many_requests(tmp_path: Path, step: str, found: int) -> None:
    written = source("http").replace("call: shop.a", step)
    marked = "max_items" if "max_items" in step else "a:"
    line = next(number for number, line in enumerate(written.lstrip().splitlines(), 1) if line.startswith("steps"))
    column = written.lstrip().splitlines()[line - 1].index(marked) + 1
    expected = [(f"specs/all.yaml:{line}:{column}", f"step `a` of `ask` may lead to {found} requests to backends")] if found else []
    assert told(tmp_path, "GA206", specs=written) == expected
