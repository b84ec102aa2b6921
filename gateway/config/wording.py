"""How messages name things: the owner of a key, the form of a value, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.config.shape import Schema, types_of
from gateway.sdk.problem import Path

SINGULAR: Mapping[str, str] = {
    "steps": "step",
    "operations": "operation",
    "roles": "role",
    "flags": "flag",
    "known": "tenant",
    "channels": "channel",
    "circuit_breakers": "circuit breaker",
    "rate_limits": "rate limit",
    "quotas": "quota",
    "releases": "release",
}
"""Maps of named things: what one of them is called."""

_LONGEST_LIST = 24
_LONGEST_VALUE = 40

_EXPECTED = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
}
_BY_KIND = {
    "expression": "an expression",
    "json_schema": "a JSON Schema",
    "duration": "a duration such as `800ms` or `2s`",
    "duration_or_auto": "a duration such as `30s`, or `auto`",
    "duration_range": "two durations such as `50ms..500ms`",
    "size": "a size such as `64KiB`",
}


def owner(kind: str, data: Any, path: Path) -> str:
    """What is at `path`, in words: "step `order`", "`ensure[0]` of step `order`", "`port` of gateway `acme`"."""
    named = next((index for index in range(len(path) - 1, 0, -1) if _is_named(path, index)), None)
    if named is None:
        name = data.get(kind) if isinstance(data, dict) else None
        whole = f"{kind} `{_short(name)}`" if isinstance(name, str) else f"this {kind}"
        below = path
    else:
        whole = f"{SINGULAR[str(path[named - 1])]} `{_short(str(path[named]))}`"
        below = path[named + 1 :]
    return f"`{dotted(below)}` of {whole}" if below else whole


def _is_named(path: Path, index: int) -> bool:
    """Whether `path[index]` is the name of one of a map of named things."""
    return isinstance(path[index], str) and path[index - 1] in SINGULAR


def dotted(path: Path) -> str:
    """`("ensure", 0, "check")` as `ensure[0].check`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_short(step)}" if text else _short(step)
    return text


def expected(choices: Iterable[Schema]) -> str:
    """What the alternatives ask for: "a text or a list"."""
    words: list[str] = []
    for choice in choices:
        kind = choice.get("x-gateway-kind", "")
        words += [_BY_KIND[kind]] if kind in _BY_KIND else _plain_words(choice)
    return " or ".join(dict.fromkeys(words))


def _plain_words(choice: Schema) -> list[str]:
    if "enum" in choice or "const" in choice:
        return [f"`{item}`" for item in choice.get("enum", [choice.get("const")])]
    return [_EXPECTED[name] for name in sorted(types_of(choice)) if name in _EXPECTED]


def found(value: Any, *, secret: bool = False) -> str:
    """What was written, in YAML's words; a secret's text is not shown."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "a text" if secret else f"the text {quoted(value)}"
    return "a number" if secret else quoted(value) if isinstance(value, bool) else f"the number {quoted(value)}"


def quoted(value: Any) -> str:
    """A scalar between back-ticks, shortened."""
    return f"`{_short(spelled(value))}`"


def spelled(value: Any) -> str:
    """A scalar as YAML spells it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > _LONGEST_VALUE * 4:
        return "a very long number"
    return str(value)


def listed(words: Iterable[str]) -> str:
    """Words for "allowed here: …", cut where there are many."""
    every = list(words)
    return ", ".join([*every[:_LONGEST_LIST], *(["…"] if len(every) > _LONGEST_LIST else [])])


def either(keys: Iterable[str], word: str = "or") -> str:
    """Keys for "exactly one of": "`call`, `join` or `let`"."""
    *others, last = [f"`{key}`" for key in keys]
    return f"{', '.join(others)} {word} {last}" if others else last


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
