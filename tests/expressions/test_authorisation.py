"""Language §2.8: true, false and null for unknown. A check passes on true only, a deny triggers on anything but false."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from gateway.expressions import compile_expression
from tests.expressions.evaluation import ROOTS, decide, expression

TRUTH = {"T": "user.t == result.t", "F": "user.t == result.f", "U": "user.none == result.none"}
SCOPE: dict[str, Any] = {"user": {"t": 1}, "result": {"t": 1, "f": 2}}
VALUES = {"T": True, "F": False, "U": None}


def kleene_and(left: bool | None, right: bool | None) -> bool | None:
    return False if left is False or right is False else None if left is None or right is None else True


def kleene_or(left: bool | None, right: bool | None) -> bool | None:
    return True if left is True or right is True else None if left is None or right is None else False


@pytest.mark.parametrize(("left", "right"), list(product("TFU", repeat=2)))
def test_logic_is_kleene_s(left: str, right: str) -> None:
    assert decide(f"{TRUTH[left]} && {TRUTH[right]}", **SCOPE) is kleene_and(VALUES[left], VALUES[right])
    assert decide(f"{TRUTH[left]} || {TRUTH[right]}", **SCOPE) is kleene_or(VALUES[left], VALUES[right])


@pytest.mark.parametrize(("operand", "negated"), [("T", False), ("F", True), ("U", None)])
def test_negation(operand: str, negated: bool | None) -> None:
    assert decide(f"!({TRUTH[operand]})", **SCOPE) is negated


@pytest.mark.parametrize(("a", "b", "c"), list(product("TFU", repeat=3)))
def test_nested_logic(a: str, b: str, c: str) -> None:
    expected = kleene_or(VALUES[a], kleene_and(VALUES[b], VALUES[c]))
    assert decide(f"{TRUTH[a]} || ({TRUTH[b]} && {TRUTH[c]})", **SCOPE) is expected
    negated = decide(f"!({TRUTH[a]} || ({TRUTH[b]} && {TRUTH[c]}))", **SCOPE)
    assert negated is (None if expected is None else not expected)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize(("left", "right"), [(None, None), (None, 1), (1, None), (None, "a"), (None, []), (None, False)])
def test_comparing_two_paths_of_which_one_is_null_is_unknown(operator: str, left: Any, right: Any) -> None:
    assert decide(f"user.x {operator} result.y", user={"x": left}, result={"y": right}) is None
    assert decide(f"!(user.x {operator} result.y)", user={"x": left}, result={"y": right}) is None


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1, True),
        (1, 1.0, True),
        ("a", "a", True),
        ("1", 1, False),
        (True, 1, False),
        ([1, "a"], [1, "a"], True),
        ([1], [2], False),
        ({"a": 1}, {"a": 1}, True),
        ([None], [None], None),
        ([1, [None]], [2], None),
        ({"a": None}, {"a": None}, None),
        (["x"], [{"a": None}], None),
    ],
)
def test_equality_of_two_paths(left: Any, right: Any, equal: bool | None) -> None:
    assert decide("user.x == result.y", user={"x": left}, result={"y": right}) is equal
    assert decide("user.x != result.y", user={"x": left}, result={"y": right}) is (None if equal is None else not equal)


def test_a_null_can_not_hide_in_a_list_or_an_argument() -> None:
    nothing: dict[str, Any] = {"user": {}, "result": {}}
    assert decide("[user.id] == [result.owner]", **nothing) is None
    assert decide("{a: user.id} == {a: result.owner}", **nothing) is None
    assert decide("lower(user.id) == lower(result.owner)", **nothing) is None
    assert decide("concat(user.id, '') == concat(result.owner, '')", **nothing) is None
    assert decide("join('-', [user.a, user.b]) == join('-', [result.a, result.b])", **nothing) is None
    assert decide("sha256(user.id) == sha256(result.owner)", **nothing) is None


def test_an_unknown_comparison_inside_stays_unknown() -> None:
    nothing: dict[str, Any] = {"user": {"groups": [{"a": None, "b": None}]}, "result": {}}
    assert decide("(user.id == result.owner) == `false`", **nothing) is None
    assert decide("(user.id == result.owner) != `true`", **nothing) is None
    assert decide("not_null(user.id == result.owner, `true`)", **nothing) is None
    assert decide("if(user.id == result.owner, `false`, `true`)", **nothing) is None
    assert decide("default(user.id == result.owner, `true`)", **nothing) is None
    assert decide("length(user.groups[?a == b]) == `0`", **nothing) is None
    assert decide("contains([user.id == result.owner], `true`)", **nothing) is None
    assert decide("!(length(user.groups[?a == b]) > `0`)", **nothing) is None
    assert decide("user.groups | [0].a == [0].b", **nothing) is None
    assert decide("length(user.groups[?a == b]) == `0` || `true`", **nothing) is True


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("user.x == `null`", True),
        ("user.x != `null`", False),
        ("`null` == user.x", True),
        ("user.id == `null`", False),
        ("user.x == 'a'", False),
        ("user.x != 'a'", True),
        ("user.x > `1`", None),
        ("user.id > `1`", None),
        ("user.n > `1`", True),
        ("`1` < user.n", True),
        ("user.n <= `1`", False),
        ("'a' == 'a'", True),
    ],
)
def test_comparison_with_a_literal(text: str, answer: bool | None) -> None:
    assert decide(text, user={"id": "u1", "n": 5}) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("contains(user.roles, 'agent')", True),
        ("contains(user.roles, 'boss')", False),
        ("contains(user.nothing, 'agent')", None),
        ("!contains(user.nothing, 'agent')", None),
        ("contains(user.roles, user.nothing)", None),
        ("!contains(user.roles, user.nothing)", None),
        ("contains(user.name, 'agent')", None),
        ("!contains(user.name, 'agent')", None),
        ("contains(user.name, 'agent') || contains(user.roles, 'agent')", True),
        ("contains(user.name, 'agent') && contains(user.roles, 'boss')", False),
        ("length(user.names[?contains(@, 'x')]) > `0`", None),
    ],
)
def test_contains(text: str, answer: bool | None) -> None:
    assert decide(text, user={"roles": ["agent"], "name": "an agent", "names": ["xy"]}) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("user.flag", True),
        ("user.zero", True),
        ("user.empty", False),
        ("user.nothing", False),
        ("!(user.nothing)", True),
        ("`true`", True),
        ("`false`", False),
        ("matches(user.name, '^A')", True),
        ("matches(user.nothing, '^A')", None),
        ("!(matches(user.nothing, '^A'))", None),
        ("starts_with(user.nothing, 'A')", None),
    ],
)
def test_bare_values(text: str, answer: bool | None) -> None:
    """A path is true or false; a test function that was given nothing can't tell."""
    assert decide(text, user={"flag": True, "zero": 0, "empty": [], "name": "Ann"}) is answer


def test_the_contract_s_example() -> None:
    check = "result.customer == user.customer_id || contains(user.roles, 'agent')"
    assert decide(check, result={"customer": "C1"}, user={"customer_id": "C1", "roles": []}) is True
    assert decide(check, result={"customer": "C2"}, user={"customer_id": "C1", "roles": []}) is False
    assert decide(check, result={"customer": "C2"}, user={"customer_id": "C1", "roles": ["agent"]}) is True
    assert decide(check, result={"customer": None}, user={"customer_id": None, "roles": []}) is None
    assert decide(check, result=None, user={"roles": ["agent"]}) is True


def test_outside_authorisation_null_equals_null() -> None:
    assert expression("user.x == result.y")({"user": {}, "result": {}}) is True


def test_deep_logic_compiles() -> None:
    text = "user.a == result.a"
    for place in range(30):
        text = f"(!({text}) || user.b{place} == result.c)"
    assert decide(text, user={"a": 1}, result={"a": 1}) is None
    compiled, faults = compile_expression(" && ".join(["user.a == result.a"] * 90), roots=ROOTS, authorisation=True)
    assert compiled is not None
    assert faults == []
    assert compiled({"user": {"a": 1}, "result": {"a": 1}}) is True
