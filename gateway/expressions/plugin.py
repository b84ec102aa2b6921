"""The border to functions that plugins add."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.sdk import ExpressionFault, Function


def guarded(function: Function) -> Callable[..., Any]:
    """The function; whatever it raises becomes an `ExpressionFault` that names it (its own message stays in the cause)."""
    call, message = function.function, f"{function.name}() failed."

    def guarded_call(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        except ExpressionFault:
            raise
        except Exception as error:
            raise ExpressionFault(message) from error

    return guarded_call
