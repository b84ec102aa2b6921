"""A quick look at a JSON Schema that somebody wrote: whether it is of the usual kind and has no fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import re2

from gateway.config.json_schema_words import COUNTS, FLAGS, FORMATS, NUMBERS, PLACES, TYPES

MOST_LEVELS = 32
"""What is nested deeper is not usual."""


def is_sound_json_schema(schema: Any) -> bool:
    """True: `check_json_schema` would report nothing. False: it has to look (at a reference, a rare keyword, a fault)."""
    return _is_sound(schema, 0)


def _is_sound(schema: Any, level: int) -> bool:
    if schema.__class__ is not dict:
        return schema.__class__ is bool
    for keyword, value in schema.items():
        check = _WORDS.get(keyword)
        if check is not None:
            if not check(value):
                return False
        elif not _is_sound_below(keyword, value, level):
            return False
    return level <= MOST_LEVELS and _can_have_all(schema)


def _is_sound_below(keyword: str, value: Any, level: int) -> bool:
    if keyword in ("items", "additionalProperties"):
        return _is_sound(value, level + 1)
    if keyword == "properties":
        return value.__class__ is dict and all(_is_sound(member, level + 1) for member in value.values())
    if keyword in ("anyOf", "oneOf", "allOf"):
        return value.__class__ is list and bool(value) and all(_is_sound(choice, level + 1) for choice in value)
    return False


def _can_have_all(schema: dict[str, Any]) -> bool:
    """Whether what is required may be there."""
    if schema.get("additionalProperties") is not False or "required" not in schema:
        return True
    declared: dict[str, Any] = schema.get("properties", {})
    return declared.keys() >= set(schema["required"])


def _is_text(value: Any) -> bool:
    return value.__class__ is str


def _is_list(value: Any) -> bool:
    return value.__class__ is list


def _is_flag(value: Any) -> bool:
    return value.__class__ is bool


def _is_number(value: Any) -> bool:
    return value.__class__ is int or (value.__class__ is float and math.isfinite(value))


def _is_factor(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_count(value: Any) -> bool:
    return value.__class__ is int and value >= 0


def _is_type(value: Any) -> bool:
    if value.__class__ is not list:
        return value.__class__ is str and value in TYPES
    return bool(value) and len(set(map(str, value))) == len(value) and all(one.__class__ is str and one in TYPES for one in value)


def _is_names(value: Any) -> bool:
    return value.__class__ is list and all(map(_is_text, value)) and len(set(value)) == len(value)


@lru_cache(maxsize=1024)
def _compiles(pattern: str) -> bool:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error:
        return False
    return True


_WORDS: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        **dict.fromkeys(COUNTS, _is_count),
        **dict.fromkeys(NUMBERS, _is_number),
        **dict.fromkeys(FLAGS, _is_flag),
        **dict.fromkeys(("title", "description", "$comment", "classification"), _is_text),
        **dict.fromkeys(("const", "default"), lambda _: True),
        "multipleOf": _is_factor,
        "type": _is_type,
        "required": _is_names,
        "enum": lambda value: value.__class__ is list and bool(value),
        "examples": _is_list,
        "in": lambda value: value.__class__ is str and value in PLACES,
        "format": lambda value: value.__class__ is str and value in FORMATS,
        "pattern": lambda value: value.__class__ is str and _compiles(value),
    }
)
"""The usual keywords that hold no schemas."""
