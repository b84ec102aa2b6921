"""Short ways to infer in tests."""

from __future__ import annotations

from typing import Any

from gateway.expressions import (
    Expression,
    Fault,
    Inferred,
    SchemaShapes,
    Shape,
    Template,
    Typing,
    compile_expression,
    compile_template,
    infer,
)
from gateway.expressions.shape import Label
from gateway.expressions.template_inference import InferredTemplate, infer_template

PII = frozenset({Label("pii", "here")})


def shape_of(schema: Any, **options: Any) -> Shape:
    """The shape of a schema."""
    return SchemaShapes(schema, **options).whole()


def objects(required: str = "", /, **properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties and no others; a text stands for a type."""
    members = {name: {"type": given} if isinstance(given, str) else given for name, given in properties.items()}
    return {"type": "object", "properties": members, "required": required.split(), "additionalProperties": False}


def lists(items: Any) -> dict[str, Any]:
    """The schema of a list; a text stands for a type."""
    return {"type": "array", "items": {"type": items} if isinstance(items, str) else items}


def inferred(text: str, *, authorisation: bool = False, certain: frozenset[Any] = frozenset(), **roots: Any) -> Inferred:
    """What is inferred of an expression over roots, which are schemas or shapes."""
    shapes = {name: root if isinstance(root, Shape) else shape_of(root, origin=name, strict=True) for name, root in roots.items()}
    compiled, faults = compile_expression(text, roots=frozenset(shapes) | {"ctx"}, authorisation=authorisation)
    assert isinstance(compiled, Expression), faults
    return infer(text, compiled.ast, Typing(shapes, certain), authorisation=authorisation)


def sound(text: str, **roots: Any) -> Shape:
    """The shape of an expression that has no fault."""
    found = inferred(text, **roots)
    assert found.faults == []
    return found.shape


def fault(text: str, **roots: Any) -> Fault:
    """The one fault of an expression."""
    found = inferred(text, **roots)
    assert len(found.faults) == 1, found.faults
    return found.faults[0]


def kinds(shape: Shape) -> str:
    """The kinds that a value may be, in order of the alphabet; `any` for all of them."""
    return " ".join(sorted(shape.kinds)) if shape.known else "any"


def classes(labels: frozenset[Label]) -> set[str]:
    """The classes of labels."""
    return {label.classification for label in labels}


def inferred_template(written: Any, *, typing: Typing | None = None, **roots: Any) -> InferredTemplate:
    """What is inferred of a template over roots, which are schemas or shapes."""
    shapes = {name: root if isinstance(root, Shape) else shape_of(root, origin=name, strict=True) for name, root in roots.items()}
    known = typing or Typing(shapes)
    transforms = {name: compile_template({"x": "${ value }"}, roots=frozenset({"value"}))[0] for name in known.transforms}
    compiled, faults = compile_template(
        written, roots=frozenset(known.roots) | {"ctx"}, transforms={name: each for name, each in transforms.items() if each is not None}
    )
    assert isinstance(compiled, Template), faults
    return infer_template(compiled, known)
