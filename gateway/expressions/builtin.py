"""How a built-in function is declared, and what its body may raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from gateway.expressions.syntax import Node
from gateway.sdk import ExpressionFault

Returns = Literal["text", "number", "boolean", "list", "object", "any"]
Needs = Literal["locale", "time"]


class Complaint(msgspec.Struct, frozen=True):
    """What a function has against its arguments as they are written."""

    code: str
    message: str
    hint: str | None = None
    argument: int = 0


class Builtin(msgspec.Struct, frozen=True, kw_only=True):
    """A function of the closed set (language §2.7).

    `nulls`: "null" — a null argument gives null, `function` never sees one; "own" — `function` deals with them.
    `by`: the argument that must be `&expression`; `function` gets the list and what the expression gives for each of its items.
    `needs`: what of the request `function` gets as an additional first argument. `builds`: it can make text, lists or objects.
    `scans`: an argument that it walks and that may be a long list.
    `fixed`: arguments that must be literals, and what turns each into what `function` gets; it raises `ValueError` with a message.
    `check` looks at the arguments as written, at load.
    """

    name: str
    function: Callable[..., Any]
    minimum: int
    maximum: int | None
    summary: str
    returns: Returns = "any"
    nulls: Literal["null", "own"] = "null"
    by: int | None = None
    needs: Needs | None = None
    builds: bool = False
    scans: int | None = None
    fixed: Mapping[int, Callable[[Any], Any]] = {}
    check: Callable[[list[Node]], Complaint | None] | None = None


def wrong(name: str, needs: str) -> ExpressionFault:
    """The fault of a call whose argument is of the wrong kind. It never holds the value."""
    return ExpressionFault(f"{name}() needs {needs}.")


def a_list(name: str, value: Any) -> list[Any]:
    """The value, when it is a list."""
    if not isinstance(value, list):
        raise wrong(name, "a list")
    return value


def an_object(name: str, value: Any) -> dict[str, Any]:
    """The value, when it is an object."""
    if not isinstance(value, dict):
        raise wrong(name, "an object")
    return value


def one_of(name: str, argument: int, allowed: frozenset[str], what: str) -> Callable[[list[Node]], Complaint | None]:
    """A check that a literal argument is one of a few words."""

    def check(arguments: list[Node]) -> Complaint | None:
        if len(arguments) <= argument or arguments[argument]["type"] != "literal" or arguments[argument]["value"] in allowed:
            return None
        return Complaint("GW204", f"{name}() knows no {what} like this", f"one of {', '.join(sorted(allowed))}", argument)

    return check
