"""Reading SQL as far as it is needed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from gateway.sources.sql_text import SqlFault, Statement, parse_statement


def sqlite(query: str) -> Statement:
    return parse_statement(query, "sqlite")


@pytest.mark.parametrize(
    ("query", "dialect", "binds"),
    [
        ("SELECT :a, :b, :a", "sqlite", ("a", "b")),
        ("SELECT ':no', \":no\", `:no`, [:no], :yes", "sqlite", ("yes",)),
        ("SELECT 'it''s :no' -- :no\n, :yes /* :no */", "sqlite", ("yes",)),
        ("SELECT :a::text, x::int, y[1:2], z[:n]", "postgresql", ("a", "n")),
        ("SELECT E'\\' :no', $$ :no $$, $t$ :no $$ $t$, :yes", "postgresql", ("yes",)),
        ("SELECT d ? 'a', d ?| array['b'], :x", "postgresql", ("x",)),
        ("SELECT 'it\\'s :no', :yes", "mysql", ("yes",)),
        ("SELECT 12:30, a:b, :c", "sqlite", ("c",)),
        ("SELECT a\\:b, :c", "sqlite", ("c",)),
    ],
)
def test_binds(query: str, dialect: str, binds: tuple[str, ...]) -> None:
    statement = parse_statement(query, dialect)
    assert statement.binds == binds
    assert set(text(statement.text(dialect)).compile().params) == set(binds)


def test_what_isnt_a_bind_reaches_the_database_unchanged() -> None:
    written = sqlite("SELECT 'a:b', 'C:\\x', '::', ':a' WHERE x = :x").text("sqlite")
    assert str(text(written)) == "SELECT 'a:b', 'C:\\x', '::', ':a' WHERE x = :x"


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("SELECT 1 WHERE a IN :ids", "SELECT 1 WHERE a IN :ids"),
        ("SELECT 1 WHERE a in(:ids) AND b not in ( :more )", "SELECT 1 WHERE a IN :ids AND b NOT IN :more"),
    ],
)
def test_lists(query: str, written: str) -> None:
    statement = sqlite(query)
    assert statement.text("sqlite") == written
    assert statement.lists == frozenset(statement.binds)


def test_lists_that_hold_nothing() -> None:
    statement = sqlite("SELECT 1 WHERE a IN :x AND b NOT IN :y")
    nothing = statement.vanishing("sqlite", {"x": [], "y": [1]})
    assert nothing == {"x"}
    assert statement.text("sqlite", nothing) == "SELECT 1 WHERE a IN () AND b NOT IN :y"
    assert statement.text("postgresql", frozenset({"x", "y"})) == "SELECT 1 WHERE a = ANY('{}') AND b <> ALL('{}')"
    assert statement.vanishing("oracle", {"x": [], "y": []}) == frozenset()


def test_in_with_several_values_or_a_query_is_left_alone() -> None:
    statement = sqlite("SELECT 1 WHERE a IN (:x, :y) AND b IN (SELECT :z)")
    assert statement.lists == frozenset()


@pytest.mark.parametrize(
    ("query", "dialect"),
    [
        ("", "sqlite"),
        (" -- nothing", "sqlite"),
        (";", "sqlite"),
        ("SELECT 1; DELETE FROM t", "sqlite"),
        ("SELECT 1;; SELECT 2", "sqlite"),
        ("SELECT 'open", "sqlite"),
        ('SELECT "open', "sqlite"),
        ("SELECT 1 /* open", "sqlite"),
        ("SELECT 1 /* a /* b */", "postgresql"),
        ("SELECT ?", "sqlite"),
        ("SELECT ?1", "sqlite"),
        ("SELECT @a", "sqlite"),
        ("SELECT $a", "sqlite"),
        ("SELECT $1", "postgresql"),
        ("SELECT ?", "mysql"),
        ("SET x = 1", "postgresql"),
        ("BEGIN", "sqlite"),
        ("ATTACH 'x' AS y", "sqlite"),
        ("SELECT :x WHERE a IN :x", "sqlite"),
    ],
)
def test_what_is_refused(query: str, dialect: str) -> None:
    with pytest.raises(SqlFault):
        parse_statement(query, dialect)


@pytest.mark.parametrize(
    ("query", "writes", "streams"),
    [
        ("select 1;", False, True),
        ("/* x */ (SELECT 1) UNION SELECT 2", False, True),
        ("VALUES (1)", False, True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", False, True),
        ("WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x", True, False),
        ("SELECT * INTO t FROM u", True, False),
        ("SELECT 'insert into' AS a", False, True),
        ("EXPLAIN SELECT 1", False, False),
        ("EXPLAIN ANALYZE DELETE FROM t", True, False),
        ("INSERT INTO t VALUES (1)", True, False),
        ("PRAGMA user_version", True, False),
        ("DROP TABLE t", True, False),
        ("CALL f()", True, False),
    ],
)
def test_kinds(query: str, writes: bool, streams: bool) -> None:
    statement = sqlite(query)
    assert (statement.writes, statement.streams) == (writes, streams)


@given(st.text("SELECT '\"`[]$:;?@-/*\\\nab1()=in", max_size=60), st.sampled_from(["sqlite", "postgresql", "mysql"]))
def test_any_text_is_a_statement_or_a_fault(query: str, dialect: str) -> None:
    with suppress(SqlFault):
        statement = parse_statement(query, dialect)
        assert set(text(statement.text(dialect)).compile().params) == set(statement.binds)
