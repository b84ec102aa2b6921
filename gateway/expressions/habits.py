"""What other languages write, and what is written here instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "and": "write `&&`",
        "or": "write `||`",
        "not": "write `!(…)`",
        "in": "write contains(list, value)",
        "is": "compare with `==`",
        "eq": "compare with `==`",
        "ne": "compare with `!=`",
        "gt": "compare with `>`",
        "lt": "compare with `<`",
        "matches": "write matches(text, 'pattern')",
        "contains": "write contains(list, value)",
        "if": "write if(condition, then, else)",
        "then": "write if(condition, then, else)",
        "else": "write if(condition, then, else)",
    }
)
"""Operators that are words elsewhere."""

_ARITHMETIC = "there is no arithmetic by signs: use add(a, b), sub(a, b), mul(a, b), div(a, b), mod(a, b); join texts with concat(a, b)"
SIGNS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys("+-/%", _ARITHMETIC),
        "?": "write if(condition, then, else); a path over something absent is null by itself",
        ":": "write if(condition, then, else)",
        "~": "join texts with concat(a, b)",
        "$": "a path begins with a root, such as `input`",
        "#": "an index is written as [0], a length as length(list)",
        ";": "one expression is one value",
        "{": "an object in an expression is written {name: value}",
    }
)
"""Signs that mean nothing here."""

ROOTS: Mapping[str, str] = MappingProxyType(
    {
        "args": "in `query`, `headers` and `body` of operations; a request line names it {so}, a statement :so",
        "body": "in `result`, `success` and `error` of operations",
        "headers": "in `result`, `success` and `error` of operations",
        "status_code": "in `result`, `success` and `error` of operations",
        "result": "in `ensure` and `output` of steps",
        "error": "in fallbacks and replies",
        "output": "in replies and routes",
        "request": "in routes",
        "value": "in transforms",
        "input": "in intents",
        "steps": "in intents, once steps have run",
        "status": "in intents, once steps have run",
        "meta": "in intents, once steps have run",
        "session": "in intents",
        "flags": "in intents",
        "env": "where values are filled in as the configuration is loaded",
        "secret": "where values are filled in as the configuration is loaded",
    }
)
"""Where a root is known that is none at some other place."""
