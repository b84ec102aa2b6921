"""The reference of one key as text: what it does, what it takes, the keys below it, an example."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import yaml

from gateway.config.editor_schema import default_in_words, status_of
from gateway.config.key_examples import KeyExamples
from gateway.config.key_reference import Reference
from gateway.config.shape import Schema, Shapes
from gateway.config.wording import either, expected, spelled

_WIDTH = 80
_RANGES = {"minimum": "at least {}", "exclusiveMinimum": "more than {}", "maximum": "at most {}", "exclusiveMaximum": "less than {}"}


def key_text(reference: Reference, examples: KeyExamples) -> str:
    """Lines of at most 80 characters but for examples, ended by a line feed."""
    return "\n".join(_lines(reference, examples)) + "\n"


def _lines(reference: Reference, examples: KeyExamples) -> Iterator[str]:
    shapes = Shapes({"$defs": reference.definitions})
    schema = shapes.resolve(reference.schema)
    status = status_of(schema) or _status_of_form(reference)
    forms = f"  ({', '.join(reference.forms)})" if reference.forms else ""
    yield f"{reference.path}{forms}"
    yield from _wrapped(" ".join(text for text in (schema.get("description", ""), status) if text), "  ")
    yield ""
    yield from _wrapped(takes(shapes, schema), "            ", "  takes     ")
    if not reference.whole:
        yield f"  required  {'yes' if reference.required else 'no'}"
    if schema.get("default") not in (None, [], {}):
        yield f"  default   {spelled(schema['default'])}"
    for model, heading in _models(shapes, schema):
        yield ""
        yield from _keys(shapes, model, heading)
    shown = [] if reference.whole else examples.of(reference.key, reference.schema)
    for example in shown[:1]:
        yield from ("", "  example")
        yield from (f"    {line}" for line in _yaml({reference.key: example}))


def _status_of_form(reference: Reference) -> str:
    """Whether a whole form of a document, such as a source type, is in force."""
    constants = [item for item in reference.schema.get("properties", {}).values() if "const" in item] if reference.whole else []
    return " ".join(status_of(item) for item in constants)


def takes(shapes: Shapes, schema: Schema) -> str:
    """What may be written, in words: "a list, each entry a duration such as `800ms` or `2s`"."""
    choices = shapes.choices(schema)
    if any(choice.get("x-gateway-kind") == "template" and "type" not in choice for choice in choices):
        return "any value, whose texts may hold `${ }`"
    words = [_one(shapes, choice) for choice in choices]
    return ", or ".join(dict.fromkeys(word for word in words if word)) or "any value"


def _one(shapes: Shapes, choice: Schema) -> str:
    text = expected([choice])
    if choice.get("x-gateway-kind") == "template":
        return f"{text} that may hold `${{ }}`"
    if "items" in choice:
        return f"{text}, each entry {takes(shapes, choice['items'])}"
    if "properties" not in choice and isinstance(choice.get("additionalProperties"), dict):
        return f"{text} by name, each {takes(shapes, choice['additionalProperties'])}"
    ranges = [words.format(choice[word]) for word, words in _RANGES.items() if word in choice]
    form = choice.get("x-gateway-form")
    return form or ", ".join([text, *ranges])


def _models(shapes: Shapes, schema: Schema) -> Iterator[tuple[Schema, str]]:
    """The mappings with keys of their own that a value is made of, each with what it is to the value."""
    for choice in shapes.choices(schema):
        if "properties" in choice:
            yield choice, "keys"
        for word, heading in (("items", "keys of each entry"), ("additionalProperties", "keys of each")):
            if isinstance(choice.get(word), dict) and "properties" not in choice:
                yield from ((model, heading) for model in shapes.choices(choice[word]) if "properties" in model)


def _keys(shapes: Shapes, model: Schema, heading: str) -> Iterator[str]:
    yield f"  {heading}"
    for group in model.get("x-gateway-exactly-one", ()):
        yield f"    exactly one of {either(group)}"
    width = max(map(len, model["properties"]), default=0) + 2
    for key, item in model["properties"].items():
        resolved = shapes.resolve(item)
        needed = model.get("x-gateway-only-with", {}).get(key)
        said = [
            resolved.get("description", ""),
            default_in_words(resolved),
            f"Only with {either(needed)}." if needed else "",
            "Required." if key in model.get("required", ()) else "",
            status_of(resolved),
        ]
        yield from _wrapped(" ".join(filter(None, said)), " " * (width + 4), f"    {key.ljust(width)}")


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    head = indent if first is None else first
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False) or [head.rstrip()]


def _yaml(value: Any) -> list[str]:
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False, width=_WIDTH)
    return text.splitlines()
