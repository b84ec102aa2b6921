"""Bounds on what one evaluation may do. A budget is a list of one number, what is left, so that generated code can lower it in place.

An iteration costs `STEP`, a character of text that a function builds costs 1, a value in a measured tree costs `VALUE`.
Why: 447 characters of JMESPath can describe 336 MB.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.sdk import ExpressionFault

WORK = 16_000_000
"""What one evaluation may spend: 250,000 iterations, or 16 million characters."""
STEP = 64
VALUE = 16
MAX_TEXT = 4_000_000
"""Longest text that one function call may build, in characters."""
MAX_LENGTH = 10_000
"""Longest expression, in characters."""
MAX_NESTING = 100
"""Deepest syntax tree, and deepest template."""
MAX_VALUE_DEPTH = 200
"""Deepest value that is measured or read from JSON."""

Budget = list[int]


def fresh() -> Budget:
    """A full budget, for one evaluation."""
    return [WORK]


def exhausted() -> ExpressionFault:
    """The fault of an evaluation that did too much."""
    return ExpressionFault("An expression did more work than is allowed.")


def spend(budget: Budget, amount: int) -> None:
    """Takes `amount` off; raises `ExpressionFault` when nothing is left."""
    budget[0] -= amount
    if budget[0] < 0:
        raise exhausted()


def spend_steps(budget: Budget, count: int) -> None:
    """Pays for `count` iterations."""
    spend(budget, count * STEP)


def charged(value: Any, budget: Budget) -> Any:
    """Pays for a text, list or object that a function has built, and gives it back."""
    if isinstance(value, str):
        spend(budget, len(value))
    elif isinstance(value, list | dict):
        spend(budget, len(value) * VALUE)
    return value


def measured(value: Any, budget: Budget) -> Any:
    """Pays for a whole tree, shared parts counted each time they occur, and gives it back.

    Raises `ExpressionFault` as soon as it is too large, too deep, or holds what JSON can't.
    """
    _measure(value, budget, 0)
    return value


def _measure(value: Any, budget: Budget, depth: int) -> None:
    if isinstance(value, str):
        spend(budget, VALUE + len(value))
        return
    spend(budget, VALUE)
    if value is None or isinstance(value, bool | int | datetime):
        return
    if isinstance(value, float):
        _refuse_unless(value - value == 0, "a number that is not finite")
    elif isinstance(value, list):
        _refuse_unless(depth < MAX_VALUE_DEPTH, "a value that is nested too deeply")
        for item in value:
            _measure(item, budget, depth + 1)
    elif isinstance(value, dict):
        _refuse_unless(depth < MAX_VALUE_DEPTH, "a value that is nested too deeply")
        _measure_object(value, budget, depth + 1)
    else:
        _refuse_unless(False, "a value that JSON can't hold")


def _measure_object(value: dict[Any, Any], budget: Budget, depth: int) -> None:
    for key, item in value.items():
        _refuse_unless(isinstance(key, str), "an object whose keys are not text")
        spend(budget, len(key))
        _measure(item, budget, depth)


def _refuse_unless(sound: bool, what: str) -> None:
    if not sound:
        raise ExpressionFault(f"An expression gave {what}.")


def fits(length: int) -> None:
    """Raises `ExpressionFault` where a text of `length` characters may not be built."""
    if length > MAX_TEXT:
        raise exhausted()
