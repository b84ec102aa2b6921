"""Short ways to compile and evaluate in tests."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import Expression, Fault, Template, compile_expression, compile_template
from gateway.sdk import ExpressionFault

ROOTS = frozenset({"input", "user", "tenant", "ctx", "config", "steps", "status", "result", "output", "error", "env"})


def expression(text: str, **options: Any) -> Expression:
    """An expression that has to be free of faults."""
    compiled, faults = compile_expression(text, roots=ROOTS, **options)
    assert faults == []
    assert isinstance(compiled, Expression)
    return compiled


def value(text: str, scope: dict[str, Any] | None = None, **options: Any) -> Any:
    """What an expression gives. A scope may name only `input` by giving its fields."""
    return expression(text, **options)(scope or {})


def of(text: str, /, **fields: Any) -> Any:
    """What an expression over `input`'s fields gives."""
    return value(text, {"input": fields, "ctx": {"time": "2026-11-20T13:30:00Z", "locale": fields.pop("locale", "en")}})


def decide(text: str, **roots: Any) -> bool | None:
    """What an authorisation expression says."""
    answer: bool | None = expression(text, authorisation=True)(roots)
    assert answer is None or isinstance(answer, bool)
    return answer


def fails(text: str, /, **fields: Any) -> str:
    """The message of the fault that evaluating ends with."""
    with pytest.raises(ExpressionFault) as caught:
        of(text, **fields)
    return caught.value.message


def refused(text: str, **options: Any) -> Fault:
    """The one fault of an expression that can't be compiled."""
    compiled, faults = compile_expression(text, roots=options.pop("roots", ROOTS), **options)
    assert compiled is None
    assert len(faults) == 1
    return faults[0]


def marked(text: str, fault: Fault) -> str:
    """The text that a fault points at."""
    return text[fault.start : fault.end]


def template(written: Any, **options: Any) -> Template:
    """A template that has to be free of faults."""
    compiled, faults = compile_template(written, roots=options.pop("roots", ROOTS), **options)
    assert faults == []
    assert isinstance(compiled, Template)
    return compiled


def rendered(written: Any, **roots: Any) -> Any:
    """What a template gives."""
    return template(written)(roots)
