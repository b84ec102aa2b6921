"""Held against generated schemas, data and expressions: a value is as its shape says, and a fault is told only of what gives nothing."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.expressions import Evaluated, Fault, SchemaShapes, Shape, Typing, compile_expression, compile_template, infer, schema_of
from gateway.expressions.functions import BUILTINS
from gateway.expressions.shape import ANY
from gateway.expressions.template import Template
from gateway.expressions.template_inference import infer_template
from gateway.sdk import ExpressionFault
from tests.expressions.expression_cases import FIXED, LITERALS, ExpressionMaker, Path
from tests.expressions.shape_cases import NAMES, DataMaker, SchemaMaker, misfits, unlabelled

ROOTS = frozenset({"input", "result", "ctx"})
CONTEXT = {"time": "2026-11-20T13:30:00Z", "locale": "en"}
RAISED = object()

seeds = st.integers(0, 2**32)
often = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


class Sample(NamedTuple):
    """Schemas of roots, their shapes, and data that is valid against them with what is secret in it."""

    shapes: dict[str, Shape]
    scopes: list[tuple[dict[str, Any], set[str | float]]]


def sample(random: Random, count: int) -> Sample:
    """A sample with at most so many data."""
    maker = SchemaMaker(random)
    schemas = {"input": maker.document(), "result": maker.document()}
    shapes = {name: SchemaShapes(schema, strict=name == "input", origin=name).whole() for name, schema in schemas.items()}
    return Sample(shapes, [scope for _ in range(4 * count) for scope in scopes(random, schemas)][:count])


def scopes(random: Random, schemas: dict[str, Any]) -> Iterator[tuple[dict[str, Any], set[str | float]]]:
    """One scope, or none where the data would have no end."""
    makers = {name: DataMaker(random, schema) for name, schema in schemas.items()}
    scope = {name: maker.value(schemas[name]) for name, maker in makers.items()}
    if any(maker.cut for maker in makers.values()):
        return
    for name, schema in schemas.items():
        jsonschema_rs.Draft202012Validator(schema).validate(scope[name])
    yield {**scope, "ctx": CONTEXT}, set[str | float]().union(*(maker.secrets for maker in makers.values()))


def evaluated(compiled: Evaluated, scope: dict[str, Any]) -> Any:
    try:
        return compiled(scope)
    except ExpressionFault:
        return RAISED


def hold(shape: Shape, compiled: Evaluated, known: Sample) -> None:
    """Every value of an expression or template is as its shape and its schema say, and nothing secret in it is without its class."""
    schema = jsonschema_rs.Draft202012Validator(schema_of(shape))
    for scope, secrets in known.scopes:
        value = evaluated(compiled, scope)
        if value is not RAISED:
            assert misfits(value, shape) is None
            assert unlabelled(value, shape, secrets) is None
            schema.validate(value)


@often
@given(seeds)
def test_data_is_as_the_shape_of_its_schema_says(seed: int) -> None:
    known = sample(Random(seed), 4)
    for name, shape in known.shapes.items():
        schema = jsonschema_rs.Draft202012Validator(schema_of(shape))
        for scope, secrets in known.scopes:
            assert misfits(scope[name], shape) is None
            assert unlabelled(scope[name], shape, secrets) is None
            schema.validate(scope[name])


@often
@given(seeds, st.integers(1, 6))
def test_a_value_is_as_the_shape_of_its_expression_says(seed: int, depth: int) -> None:
    random = Random(seed)
    known = sample(random, 4)
    for _ in range(20):
        text = ExpressionMaker(random, known.shapes).expression(depth)
        compiled, _ = compile_expression(text, roots=ROOTS)
        if compiled is not None:
            found = infer(text, compiled.ast, Typing(known.shapes))  # type: ignore[attr-defined]
            assert all(0 <= fault.start < fault.end <= len(text) for fault in found.faults)
            hold(found.shape, compiled, known)  # type: ignore[arg-type]


def written(random: Random, maker: ExpressionMaker, element: Shape | None = None, depth: int = 2) -> Any:
    """A template; inside `$each` names are read from `r`."""
    kind = random.choice(["slot", "slot", "text", "plain", "object", "list", "if", "each", "literal"] if depth else ["slot", "text"])
    expression = maker.expression(2)
    if kind in ("slot", "text"):
        inner = maker.path(element).text.removeprefix("@.") if element is not None and random.random() < 0.7 else None
        place = expression if inner is None else "r" if inner == "@" else f"r{inner[1:]}" if inner[0] == "@" else f"r.{inner}"
        return f"${{ {place} }}" if kind == "slot" else f"x ${{ {place} }} y ${{ {maker.path(None).text} }}"
    if kind == "each" and element is None:
        listed = maker.path(None, wanted=frozenset({"array"}))
        do = written(random, maker, listed.shape.items, depth - 1)
        return {"$each": listed.text, "$as": "r", "$where": random.choice(["r", "`true`"]), "$do": do}
    parts = {name: written(random, maker, element, depth - 1) for name in NAMES[:2]}
    if kind == "if":
        return {"$if": expression, "$then": parts["a"], "$else": parts["b"]}
    return {"object": parts, "list": list(parts.values()), "literal": {"$literal": ["${", 1]}}.get(kind, "plain")


@often
@given(seeds)
def test_a_value_is_as_the_shape_of_its_template_says(seed: int) -> None:
    random = Random(seed)
    known = sample(random, 4)
    for _ in range(10):
        compiled, _ = compile_template(written(random, ExpressionMaker(random, known.shapes)), roots=ROOTS)
        if isinstance(compiled, Template):
            hold(infer_template(compiled, Typing(known.shapes)).shape, compiled, known)


class Case(NamedTuple):
    """An expression of sound parts with one operation on them, and the parts."""

    text: str
    parts: tuple[str, ...]


def errors(text: str, shapes: dict[str, Shape]) -> list[Fault] | None:
    compiled, _ = compile_expression(text, roots=ROOTS)
    if compiled is None:
        return None
    found = infer(text, compiled.ast, Typing(shapes))  # type: ignore[attr-defined]
    return [fault for fault in found.faults if fault.severity == "error"]


def value(text: str, scope: dict[str, Any]) -> Any:
    compiled, faults = compile_expression(text, roots=ROOTS)
    assert isinstance(compiled, Evaluated), faults
    return evaluated(compiled, scope)


def something(found: Any) -> bool:
    """Whether there is anything in a value."""
    return found is not RAISED and found is not None and not (isinstance(found, list) and all(item is None for item in found))


def told_in_vain(cases: list[Case], known: Sample) -> Iterator[tuple[str, Any]]:
    """Those with an error that give something of use for some data all the same."""
    for case in cases:
        if not errors(case.text, known.shapes):
            continue
        for scope, _ in known.scopes:
            found = value(case.text, scope)
            if something(found) and all(something(value(part, scope)) for part in case.parts):
                yield case.text, found


def sound_path(random: Random, known: Sample) -> str:
    """A path without faults."""
    maker = ExpressionMaker(random, known.shapes)
    found = [text for text in (maker.path(None).text for _ in range(4)) if errors(text, known.shapes) == []]
    return found[0] if found else "input"


@often
@given(seeds)
def test_of_a_faulty_path_there_is_never_a_value(seed: int) -> None:
    random = Random(seed)
    known = sample(random, 8)
    path = sound_path(random, known)
    cases = [Case(f"{path}.{name}", ()) for name in NAMES]
    cases += [Case(path + sign, ()) for sign in ("[0]", "[*]", ".*", "[?@]", "[]", "[1:]")]
    assert list(told_in_vain(cases, known)) == []


@often
@given(seeds)
def test_a_faulty_comparison_never_holds(seed: int) -> None:
    random = Random(seed)
    known = sample(random, 8)
    left, right = sound_path(random, known), random.choice([sound_path(random, known), random.choice(LITERALS)])
    cases = [Case(f"({left} {sign} {right}) || `null`", (left, right)) for sign in ("==", "<", "<=", ">", ">=")]
    cases += [Case(f"!({left} != {right}) || `null`", (left, right)), Case(f"contains({left}, {right}) || `null`", (left, right))]
    assert list(told_in_vain(cases, known)) == []


@often
@given(seeds, st.sampled_from(sorted(name for name, builtin in BUILTINS.items() if builtin.maximum != 0 and name != "contains")))
def test_a_faulty_call_never_gives_anything(seed: int, name: str) -> None:
    random = Random(seed)
    known = sample(random, 8)
    maker, builtin = ExpressionMaker(random, known.shapes), BUILTINS[name]
    items = sound_path(random, known)
    parts = [maker._given(builtin, place, Path(items, ANY), 0, None) for place in range(builtin.minimum)]
    if builtin.by is None and (name, 0) not in FIXED:
        parts[0] = items
    plain = tuple(part for part in parts if not part.startswith("&"))
    inside = "".join(part for part in parts if part.startswith("&"))
    if inside or any(errors(part, known.shapes) for part in plain):
        parts = ["&@" if part.startswith("&") else part for part in parts]
    if not any(errors(part, known.shapes) for part in plain):
        assert list(told_in_vain([Case(f"{name}({', '.join(parts)})", plain)], known)) == []


@pytest.mark.slow
def test_many_more() -> None:
    for seed in range(3_000):
        random = Random(seed)
        known = sample(random, 4)
        for _ in range(20):
            text = ExpressionMaker(random, known.shapes).expression(random.randint(1, 6))
            compiled, _ = compile_expression(text, roots=ROOTS)
            if compiled is not None:
                hold(infer(text, compiled.ast, Typing(known.shapes)).shape, compiled, known)  # type: ignore[attr-defined,arg-type]
