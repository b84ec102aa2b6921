"""Bounds on what one evaluation may do. A budget is a list of one number, what is left, so that generated code can lower it in place.

An iteration costs `STEP`, a character of text that a function builds costs 1, a value in a measured tree costs `VALUE`, a list or
object there `HOLDER` more. With these prices a whole budget is about 50 ms of measuring.
Why: 447 characters of JMESPath can describe 336 MB.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from gateway.sdk import ExpressionFault

WORK = 16_000_000
"""What one evaluation may spend: 250,000 iterations, or 16 million characters."""
STEP = 64
VALUE = 16
HOLDER = 112
MAX_TEXT = 4_000_000
"""Longest text that one function call may build, in characters."""
MAX_LENGTH = 10_000
"""Longest expression, in characters."""
MAX_NESTING = 100
"""Deepest syntax tree, and deepest template."""
MAX_VALUE_DEPTH = 200
"""Deepest value that is measured or read from JSON."""

Budget = list[int]
_ENDLESS = "a number that is not finite"
_PLAIN = frozenset({type(None), bool, int, datetime})


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

    Raises `ExpressionFault` as soon as it is too large, too deep, or holds what JSON can't. Goes level by level instead of calling
    itself: half the work, and none of it depends on how deep the caller's own stack is. A level is paid for before it is looked at.
    """
    level = _priced([value], 0, budget)
    for _ in range(MAX_VALUE_DEPTH):
        if not level:
            return value
        spend(budget, len(level) * HOLDER)
        below: list[Any] = []
        for holder in level:
            found = _priced(holder.values(), _length_of_keys(holder), budget) if isinstance(holder, dict) else _priced(holder, 0, budget)
            if found:
                below += found
        level = below
    if level:
        raise _refused("a value that is nested too deeply")
    return value


def _priced(values: Collection[Any], more: int, budget: Budget) -> list[Any]:
    """Pays for values without what is in them, and `more`; gives the lists and objects among them."""
    spend(budget, len(values) * VALUE + more)
    holders: list[Any] = []
    characters = 0
    for value in values:
        kind = value.__class__
        if kind is str:
            characters += len(value)
        elif kind is dict or kind is list:
            holders.append(value)
        elif kind is float:
            if value - value != 0:
                raise _refused(_ENDLESS)
        elif kind not in _PLAIN:
            characters += _unusual(value, holders)
    if characters:
        spend(budget, characters)
    return holders


def _unusual(value: Any, holders: list[Any]) -> int:
    """The characters of a value whose class is none of Python's own; one that holds others is added to `holders`."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | dict):
        holders.append(value)
    elif isinstance(value, float):
        if value - value != 0:
            raise _refused(_ENDLESS)
    elif not isinstance(value, int | datetime):
        raise _refused("a value that JSON can't hold")
    return 0


def _length_of_keys(holder: dict[Any, Any]) -> int:
    try:
        return len("".join(holder))
    except TypeError:
        raise _refused("an object whose keys are not text") from None


def _refused(what: str) -> ExpressionFault:
    return ExpressionFault(f"An expression gave {what}.")


def fits(length: int) -> None:
    """Raises `ExpressionFault` where a text of `length` characters may not be built."""
    if length > MAX_TEXT:
        raise exhausted()
