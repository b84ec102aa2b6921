"""Plain scalars by the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema), made strict.

Whatever YAML readers disagree about (`007`, `True`, `.inf`) is an error here instead of a guess.
"""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

_NULL = frozenset({"", "~", "null"})
_OTHER_SPELLINGS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "Null": "null", "NULL": "null"}
_WORDS = frozenset({*_NULL, "true", "false", *_OTHER_SPELLINGS})
_NUMERIC_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SMALLEST, _LARGEST = -(1 << 63), (1 << 64) - 1
_LONGEST = 40


class Refused(msgspec.Struct, frozen=True):
    """Why a plain scalar has no value here, and how to write it."""

    message: str
    hint: str


def resolve(text: str) -> Any:
    """The value of a plain scalar, or `Refused`."""
    if text not in _WORDS and text[0] not in _NUMERIC_START:
        return text
    if text in _NULL:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if text in _OTHER_SPELLINGS:
        word = _OTHER_SPELLINGS[text]
        return Refused(f"YAML readers disagree about `{text}`", f'write `{word}`, or "{text}" where text is meant')
    return _number(text)


def _number(text: str) -> Any:
    if _NOT_FINITE.fullmatch(text):
        return Refused(f"`{text}` is not a number that can be used here", f'write a finite number, or "{text}" where text is meant')
    if _LEADING_ZERO.fullmatch(text):
        shown = _short(text)
        return Refused(f"a number with a leading zero: `{shown}`", f'quote it where text is meant ("{shown}"), else drop the zero')
    if _INTEGER.fullmatch(text):
        return _integer(text, 10)
    if _BASED.fullmatch(text):
        return _integer(text[2:], 8 if text[1] == "o" else 16)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else _too_large(text)
    return text


def _integer(digits: str, base: int) -> int | Refused:
    if len(digits) > _LONGEST:
        return _too_large(digits)
    value = int(digits, base)
    return value if _SMALLEST <= value <= _LARGEST else _too_large(digits)


def _too_large(text: str) -> Refused:
    return Refused(f"`{_short(text)}` is too large for a number", "quote it where text (such as an id) is meant")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
