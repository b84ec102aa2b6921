"""Strict mode is plain JMESPath: the compliance cases, and agreement with `jmespath` on them and on generated ones."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import jmespath
import pytest
from hypothesis import given
from jmespath.exceptions import JMESPathError

from gateway.expressions import compile_expression
from gateway.sdk import ExpressionFault
from tests.expressions.grammar import documents, expressions

TESTDATA = os.environ.get("GATEWAY_TESTDATA")
FOLDER = Path(TESTDATA or "/nonexistent") / "jmespath"
FAILED = object()


MISSING = pytest.mark.skipif(not FOLDER.is_dir(), reason="GATEWAY_TESTDATA names no folder with jmespath/*.json (the compliance cases)")


def cases() -> list[Any]:
    """All cases; where there are none, one that tells why it is skipped."""
    found = [
        pytest.param(suite["given"], case, id=f"{file.stem}-{group}-{number}")
        for file in sorted(FOLDER.glob("*.json"))
        for group, suite in enumerate(json.loads(file.read_text(encoding="utf-8")))
        for number, case in enumerate(suite["cases"])
    ]
    return found or [pytest.param(None, {}, id="none", marks=MISSING)]


def ours(expression: str, document: Any) -> Any:
    compiled, faults = compile_expression(expression, roots=frozenset(), strict=True)
    if compiled is None:
        assert faults
        return FAILED
    try:
        return compiled(document)
    except ExpressionFault:
        return FAILED


def theirs(expression: str, document: Any) -> Any:
    """Raw Python errors of `jmespath` (such as ordering a number and a text) count as its errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        try:
            return jmespath.search(expression, document)
        except (JMESPathError, TypeError, ValueError):
            return FAILED


def same(left: Any, right: Any) -> bool:
    """Equal with equal types: 1, 1.0 and true differ, and so does the order of an object's fields."""
    if left is FAILED or right is FAILED:
        return left is right
    return json.dumps(left) == json.dumps(right)


@MISSING
def test_all_compliance_cases_are_there() -> None:
    assert len(cases()) > 800


@pytest.mark.parametrize(("given", "case"), cases())
def test_compliance(given: Any, case: dict[str, Any]) -> None:
    result = ours(case["expression"], given)
    if "error" in case:
        assert result is FAILED
    elif "result" in case:
        assert result == case["result"]
    assert same(result, theirs(case["expression"], given))


@given(expressions, documents)
def test_agrees_with_jmespath(expression: str, document: Any) -> None:
    assert same(ours(expression, document), theirs(expression, document))


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("nosuch(@)", "unknown-function: nosuch()"),
        ("abs(@, @)", "invalid-arity: abs()"),
        ("abs('x')", "invalid-type: abs()"),
        ("sort_by(@, &a)", "invalid-type: sort_by()"),
    ],
)
def test_errors_are_named_as_in_the_specification(expression: str, named: str) -> None:
    compiled, _ = compile_expression(expression, roots=frozenset(), strict=True)
    assert compiled is not None
    with pytest.raises(ExpressionFault) as caught:
        compiled([{"a": []}])
    assert caught.value.message == named


def test_an_unknown_function_is_no_error_where_it_is_never_called() -> None:
    assert ours("a[*].nosuch(@)", {"a": []}) == []


def test_ordering_a_number_and_a_text_is_a_fault_not_a_raw_error() -> None:
    assert ours("a > b", {"a": 1, "b": "x"}) is FAILED


def test_the_old_spelling_of_literals_is_read_without_a_warning() -> None:
    assert ours("`foo`", None) == "foo"


def test_an_expression_reference_can_be_a_value() -> None:
    assert ours("type(&a)", {}) is None
    assert ours("not_null(`null`, `1`)", {}) == 1


def test_is_bounded_too() -> None:
    assert ours("|".join(["[@,@]"] * 60) + "| to_string(@)", ["x" * 100]) is FAILED
