"""The closed set, and what holds for all of it."""

from __future__ import annotations

import re

import jmespath.functions
import pytest

from gateway.expressions.functions import BUILTINS, LAZY, NAMES
from tests.expressions.evaluation import expression, of

OF_THE_LANGUAGE = frozenset(
    re.findall(
        r"\w+",
        """
    if default coalesce add sub mul div mod round abs money number date format_date date_add date_diff today now lower upper title
    trim split replace concat substring pad matches index_by group_by uniq uniq_by first last zip range lookup pick omit mask sha256
    to_json from_json url_encode plural
""",
    )
)

ARGUMENTS = {
    "plural": "input.none, {one: 'a', other: 'b'}",
    "matches": "input.none, '^a'",
    "mask": "input.none, 'last4'",
    "money": "input.none, 'EUR'",
    "format_date": "input.none, 'd MMMM'",
    "date_add": "input.none, `1`, 'day'",
    "date_diff": "input.none, '2026-11-20', 'day'",
    "range": "input.none",
}
NOT_NULL_FOR_NULL = {"length": 0, "sum": 0, "contains": False, "type": "null", "to_json": "null"}


def test_the_set_is_jmespath_s_and_the_language_s_own() -> None:
    assert set(jmespath.functions.Functions.FUNCTION_TABLE) | OF_THE_LANGUAGE == NAMES
    assert len(jmespath.functions.Functions.FUNCTION_TABLE) == 26


def call(name: str) -> str:
    builtin = BUILTINS[name]
    others = ["`1`"] * (builtin.minimum - 1)
    arguments = ["input.none", *others] if builtin.by is None else ["input.none"]
    if builtin.by is not None:
        arguments.insert(builtin.by, "&a")
    return f"{name}({ARGUMENTS.get(name, ', '.join(arguments))})"


@pytest.mark.parametrize("name", sorted(set(BUILTINS) - {"now", "today"}))
def test_a_null_argument_gives_null(name: str) -> None:
    assert of(call(name), none=None) == NOT_NULL_FOR_NULL.get(name)


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_each_says_what_it_does(name: str) -> None:
    builtin = BUILTINS[name]
    assert builtin.name == name
    assert builtin.summary.endswith(".")
    assert builtin.maximum is None or builtin.minimum <= builtin.maximum


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("if(input.yes, 'a', 'b')", "a"),
        ("if(input.no, 'a', 'b')", "b"),
        ("if(input.none, 'a', 'b')", "b"),
        ("if(input.zero, 'a', 'b')", "a"),
        ("if(input.empty, 'a', 'b')", "b"),
        ("default(input.none, 'x')", "x"),
        ("default(input.no, 'x')", False),
        ("default(input.empty, 'x')", ""),
        ("coalesce(input.none, input.nothing, input.zero, 'x')", 0),
        ("coalesce(input.none)", None),
        ("not_null(input.none, input.zero)", 0),
        ("not_null(input.none)", None),
    ],
)
def test_choices(text: str, result: object) -> None:
    assert of(text, yes=True, no=False, none=None, zero=0, empty="") == result


@pytest.mark.parametrize(
    "text",
    [
        "if(`true`, 'ok', div(`1`, `0`))",
        "if(`false`, div(`1`, `0`), 'ok')",
        "default('ok', div(`1`, `0`))",
        "coalesce(input.none, 'ok', div(`1`, `0`))",
        "input.yes && 'ok' || div(`1`, `0`)",
    ],
)
def test_what_is_not_needed_is_not_evaluated(text: str) -> None:
    assert of(text, yes=True) == "ok"


def test_lazy_functions_are_described() -> None:
    assert all(summary.endswith(".") for _, _, summary in LAZY.values())


def test_functions_see_elements_and_the_request() -> None:
    scope = {"input": {"rows": [{"n": 1}, {"n": 2}]}, "ctx": {"locale": "de", "time": "2026-11-20T10:00:00Z"}}
    assert expression("input.rows[*].money(n, 'EUR')")(scope) == ["1,00\xa0€", "2,00\xa0€"]
    assert expression("input.rows[?n > `1`].today()")(scope) == ["2026-11-20"]
    assert expression("map(&concat('x', n), input.rows)")(scope) == ["x1", "x2"]
