"""The first draft of an intent, round one operation that reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateway.importing.answer import Answer, answer_of
from gateway.importing.survey import Offered, Survey
from gateway.importing.wording import first_line, small_name
from gateway.importing.yaml_text import lines, literal
from gateway.sources.openapi_parameters import Read
from gateway.sources.openapi_schema import SchemaTranslator

_STEP = "answer"
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_KEPT = frozenset({"type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"})
_MOST_OPTIONAL = 4
_MOST_FIELDS = 12
_MOST_CHOICES = 50
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SAFE_NUMBER = 1 << 53


class Draft(msgspec.Struct, frozen=True):
    """The intent's name and the text of its document, and which operation it calls."""

    intent: str
    operation: str
    text: str


def intent_draft(survey: Survey, name: str, selected: Sequence[Offered]) -> Draft | None:
    """The draft for the operation that a newcomer understands best: a plain read with few arguments. None where there is none."""
    fit = [offered for offered in selected if _fits(offered)]
    if not fit:
        return None
    chosen = min(fit, key=lambda offered: _effort(survey, offered))
    intent = f"{name}_{small_name(chosen.name) or small_name(chosen.line) or 'first'}"
    return Draft(intent, chosen.name, "\n".join(_lines(survey, chosen, name, intent)) + "\n")


def _fits(offered: Offered) -> bool:
    return offered.writable and offered.entry.method == "GET" and offered.shape is not None and offered.shape.body is None


def _effort(survey: Survey, offered: Offered) -> tuple[int, ...]:
    """What makes an operation a bad first example, the worst first."""
    shape = offered.shape
    needed = [read for read in (shape.parameters if shape is not None else ()) if read.required]
    answer = answer_of(survey, offered) if len(needed) <= 3 else Answer()
    silent = not answer.members and answer.rows is None
    deprecated = offered.entry.operation.node.get("deprecated") is True
    return deprecated, silent, max(0, len(needed) - 3), abs(len(needed) - 1), offered.entry.path.count("/")


def _lines(survey: Survey, chosen: Offered, name: str, intent: str) -> Iterator[str]:
    inputs = _inputs(survey, chosen)
    answer = answer_of(survey, chosen)
    written = chosen.entry.operation.node
    summary = first_line(written.get("summary")) or first_line(written.get("description"))
    yield "# A first draft, made by `gateway import openapi`. It loads, and nobody may use it yet. What is left for you:"
    yield "#   access   name the roles that may use it"
    yield "#   summary  say what it is for, and add `examples` of what users write"
    yield "#   output   keep what callers need"
    yield ""
    yield from lines({"intent": intent, **({"summary": literal(summary)} if summary else {}), "access": {"roles": []}})
    if inputs:
        yield ""
        yield from lines({"input": _input_schema(inputs)})
    yield ""
    arguments = {read.parameter.argument: f"${{ input.{own} }}" for own, (read, _) in inputs.items()}
    step = {"call": f"{name}.{chosen.name}", **({"with": arguments} if arguments else {})}
    yield "steps:"
    yield f"  {_STEP}:"
    yield from lines(step, 4)
    yield ""
    yield "output:"
    yield from lines(_output(answer), 2)


def _inputs(survey: Survey, chosen: Offered) -> dict[str, tuple[Read, dict[str, Any]]]:
    """The arguments that callers give, by our names: all that must be given, and the first few simple ones that may."""
    translator = SchemaTranslator(survey.library, "request")
    found: dict[str, tuple[Read, dict[str, Any]]] = {}
    optional = 0
    for read in chosen.shape.parameters if chosen.shape is not None else ():
        schema = translator.schema(read.schema)
        if not read.required:
            if optional >= _MOST_OPTIONAL or not _is_simple(schema):
                continue
            optional += 1
        elif len(schema.get("enum", ())) == 1 and schema.get("type") == "string":
            continue  # the gateway sends it by itself
        found[_free(small_name(read.parameter.argument) or "value", found)] = (read, schema)
    return found


def _is_simple(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return isinstance(kind, str) and kind in _SCALARS


def _free(name: str, taken: Mapping[str, object]) -> str:
    number, candidate = 2, name
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate


def _input_schema(inputs: Mapping[str, tuple[Read, dict[str, Any]]]) -> dict[str, Any]:
    properties = {own: _outline(schema, read.description) for own, (read, schema) in inputs.items()}
    required = [own for own, (read, _) in inputs.items() if read.required]
    return {
        "type": "object",
        **({"required": required} if required else {}),
        "additionalProperties": False,
        "properties": properties,
    }


def _outline(schema: Any, description: str | None = None) -> dict[str, Any]:
    """What of a schema is worth reading: its type and its plain limits. What is left out makes it wider, never narrower."""
    if not isinstance(schema, dict):
        return {}
    outline = {key: schema[key] for key in ("type", *sorted(_KEPT - {"type"})) if key in schema and _readable(schema[key])}
    choices = schema.get("enum")
    if isinstance(choices, list) and len(choices) <= _MOST_CHOICES and all(_readable(choice) for choice in choices):
        outline["enum"] = choices
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        outline["items"] = _outline({**schema["items"], "items": None})
    told = first_line(description) or first_line(schema.get("description"))
    return {**outline, "description": told} if told else outline


def _readable(value: Any) -> bool:
    """Whether a value reads the same in every language."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(value) < _SAFE_NUMBER
    return value is None or isinstance(value, str | bool)


def _output(answer: Answer) -> dict[str, Any]:
    """The fields at the top of the answer, or of its rows where it is a list."""
    at = f"steps.{_STEP}"
    fields = _fields(answer.members)
    if fields:
        return {field: f"${{ {at}.{field} }}" for field in fields}
    columns = _fields(answer.rows.members) if answer.rows is not None else []
    if columns:
        return {"items": {"$each": at, "$as": "row", "$do": {field: f"${{ row.{field} }}" for field in columns}}}
    return {"result": f"${{ {at} }}"}


def _fields(members: Mapping[str, Any]) -> list[str]:
    return [name for name in members if _FIELD.fullmatch(name)][:_MOST_FIELDS]
