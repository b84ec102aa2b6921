"""JSON for people: what fits into one line stands in one line."""

from __future__ import annotations

import json
from typing import Any

_WIDTH = 120


def json_text(value: Any) -> str:
    """A value as JSON, two spaces a level, ended by a line feed. Equal values, in equal order, give equal texts."""
    return _text(value, indent=0, used=0) + "\n"


def _text(value: Any, *, indent: int, used: int) -> str:
    """`indent` is the depth of the line that the value stands in, `used` how much of it is taken already."""
    line = json.dumps(value, ensure_ascii=False)
    if indent * 2 + used + len(line) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner, outer = "  " * (indent + 1), "  " * indent
    if isinstance(value, list):
        entries = [_text(item, indent=indent + 1, used=1) for item in value]
        return f"[\n{inner}" + f",\n{inner}".join(entries) + f"\n{outer}]"
    heads = [(f"{json.dumps(key, ensure_ascii=False)}: ", item) for key, item in value.items()]
    entries = [head + _text(item, indent=indent + 1, used=len(head) + 1) for head, item in heads]
    return f"{{\n{inner}" + f",\n{inner}".join(entries) + f"\n{outer}}}"
