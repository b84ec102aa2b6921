"""`type: sql`: what is checked at load. What databases do is tested in `test_sql_sqlite.py` and `test_sql_postgres.py`."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sdk import Unavailable
from gateway.sources import sql
from gateway.testing import FakeServices
from tests.sources.built import build, invoke

PROBLEMS: list[tuple[dict[str, Any], list[tuple[str, tuple[str | int, ...]]]]] = [
    ({"query": "SELECT 1; SELECT 2"}, [("GW250", ("query",))]),
    ({"query": "SELECT 'open"}, [("GW250", ("query",))]),
    ({"query": "DELETE FROM t"}, [("GW251", ("query",))]),
    ({"query": "DELETE FROM t", "read_only": False, "effect": "read"}, [("GW251", ("effect",))]),
    (
        {"query": "SELECT :customr", "params": {"properties": {"customer": {}}}},
        [("GW240", ("query",)), ("GW241", ("params", "properties", "customer"))],
    ),
    (
        {"query": "SELECT :a", "params": {"properties": {"a": {}}, "additionalProperties": True}},
        [("GW241", ("params", "additionalProperties"))],
    ),
    ({"query": "SELECT :a", "params": {"properties": {"a": {}}}}, []),
]


def source_of(services: FakeServices, operation: dict[str, Any], **keys: Any) -> Any:
    document = {"url": "sqlite:///a.db", "operations": {"do": operation}, **keys}
    return build(sql.component, "source: a\ntype: sql", services, **document)


@pytest.mark.parametrize(("operation", "expected"), PROBLEMS)
def test_problems_of_operations(
    operation: dict[str, Any], expected: list[tuple[str, tuple[str | int, ...]]], services: FakeServices
) -> None:
    source_of(services, operation)
    assert [(problem.code, problem.path) for problem in services.problems] == [
        (code, ("operations", "do", *path)) for code, path in expected
    ]


def test_misspelt_names_are_suggested_both_ways(services: FakeServices) -> None:
    source_of(services, {"query": "SELECT :customr", "params": {"properties": {"customer": {}}}})
    assert [problem.hint for problem in services.problems] == ["did you mean `customer`?", "did you mean `customr`?"]


@pytest.mark.parametrize(("url", "code"), [("mysql+aiomysql://u:hunter2@h/d", "GW253"), ("u:hunter2@h", "GW252")])
async def test_a_database_that_cant_be_used_is_reported_once(url: str, code: str, services: FakeServices) -> None:
    source = source_of(services, {"query": "SELECT 1"}, url=url, read_only=False)
    assert [(problem.code, problem.path) for problem in services.problems] == [(code, ("url",))]
    assert "hunter2" not in str(services.problems)
    with pytest.raises(Unavailable):
        await invoke(source, "do")
    await source.close()


def test_params_are_inferred_and_the_rest_follows_the_statement(services: FakeServices) -> None:
    read = source_of(services, {"query": "SELECT :b, :a"}).operation("do")
    assert read.params == {"type": "object", "properties": {"b": {}, "a": {}}, "required": ["b", "a"]}
    assert (read.effect, read.identity, read.forwards) == ("read", frozenset(), frozenset())
    written = source_of(services, {"query": "UPDATE t SET a = :a", "read_only": False}).operation("do")
    assert written.effect == "write"
    assert services.problems == []
