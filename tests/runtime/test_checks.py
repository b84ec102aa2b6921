from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import compile_expression
from gateway.runtime.checks import enforce
from gateway.runtime.denial import Denied
from gateway.runtime.plan import Check
from gateway.sdk import ExpressionFault, Forbidden, GatewayError, NotFound


def check(text: str, deny: type[GatewayError] = Forbidden) -> Check:
    compiled, faults = compile_expression(text, roots=frozenset({"result", "user"}), authorisation=True)
    assert compiled is not None
    assert faults == []
    return Check(compiled, deny, "specs/a.yaml:3")


@pytest.mark.parametrize(
    ("result", "user", "passes"),
    [
        ({"owner": "a"}, {"id": "a"}, True),
        ({"owner": "a"}, {"id": "b"}, False),
        ({"owner": None}, {"id": None}, False),
        ({}, {}, False),
        (None, {"id": "a"}, False),
    ],
)
def test_only_true_passes_and_null_on_both_sides_does_not(result: Any, user: Any, passes: bool) -> None:
    scope = {"result": result, "user": user}
    if passes:
        enforce([check("result.owner == user.id")], scope)
    else:
        with pytest.raises(Denied) as denied:
            enforce([check("result.owner == user.id")], scope)
        assert denied.value.error.code == "forbidden"
        assert denied.value.place == "specs/a.yaml:3"


@pytest.mark.parametrize("text", ["!(result.owner == user.id)", "result.owner != user.id", "!(result.owner != user.id)"])
def test_unknown_stays_unknown_when_turned_round(text: str) -> None:
    with pytest.raises(Denied):
        enforce([check(text)], {"result": {}, "user": {"id": "a"}})


def test_a_value_that_is_merely_not_false_does_not_pass() -> None:
    with pytest.raises(Denied):
        enforce([Check(Fixed("yes"), Forbidden, "x:1")], {})


def test_a_fault_denies() -> None:
    with pytest.raises(Denied):
        enforce([Check(Fixed(ExpressionFault()), Forbidden, "x:1")], {})


def test_not_found_looks_like_a_backends_own() -> None:
    with pytest.raises(Denied) as denied:
        enforce([check("result.owner == user.id", NotFound)], {"result": {}, "user": {}}, "order")
    absent = NotFound(status_code=404)
    assert denied.value.error.root(None) == absent.root(None)
    assert denied.value.error.message == absent.message


class Fixed:
    """Gives, or raises, always the same."""

    references: frozenset[tuple[str | int, ...]] = frozenset()
    constant = True
    source = ""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, scope: dict[str, Any], /) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value
