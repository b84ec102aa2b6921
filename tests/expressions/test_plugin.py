from __future__ import annotations

from typing import Any

import pytest

from gateway.sdk import ExpressionFault, Function
from tests.expressions.evaluation import expression


def run(function: Any, argument: Any = None) -> Any:
    functions = {"own": Function("own", function, 1, 1, "A test's.")}
    return expression("own(input.x)", functions=functions)({"input": {"x": argument}})


def test_gets_its_arguments_null_too() -> None:
    assert run(lambda x: [x], None) == [None]
    assert run(str.upper, "abc") == "ABC"


def test_a_failure_is_a_fault_that_names_the_function_only() -> None:
    def bad(_: Any) -> Any:
        raise RuntimeError("password=hunter2")

    with pytest.raises(ExpressionFault) as caught:
        run(bad)
    assert caught.value.message == "own() failed."
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_its_own_fault_stays() -> None:
    def picky(_: Any) -> Any:
        raise ExpressionFault("own() needs a moon phase.")

    with pytest.raises(ExpressionFault, match="moon phase"):
        run(picky)


@pytest.mark.parametrize("result", [object(), {1: 2}, {1, 2}, [float("nan")], "x" * 17_000_000])
def test_what_it_returns_must_be_json_of_sensible_size(result: Any) -> None:
    with pytest.raises(ExpressionFault):
        run(lambda _: result)


def test_a_built_in_function_can_not_be_replaced() -> None:
    functions = {"upper": Function("upper", lambda x: "hijacked", 1, 1, "A test's.")}
    assert expression("upper('a')", functions=functions)({}) == "A"
