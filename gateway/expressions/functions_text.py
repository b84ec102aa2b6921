"""Functions on text. Each takes numbers and booleans too, as their JSON text; lists and objects are faults."""

from __future__ import annotations

import re
from hashlib import sha256 as digest
from typing import Any
from urllib.parse import quote

import re2

from gateway.expressions.builtin import Builtin, one_of, wrong
from gateway.expressions.functions_number import whole
from gateway.expressions.limits import VALUE, fits
from gateway.expressions.values import as_text

MASKS = frozenset({"partial", "last4", "hash", "remove"})
"""What `mask` knows. `tokenize` of the masking policy keeps state and is no function."""
MAX_PATTERN_MEMORY = 1 << 20
_WORD = re.compile(r"[^\W_][\w'’]*")


def text_of(name: str, value: Any) -> str:
    """The text of a scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        raise wrong(name, "a text")
    return as_text(value)


def upper(value: Any) -> str:
    return text_of("upper", value).upper()


def lower(value: Any) -> str:
    return text_of("lower", value).lower()


def title(value: Any) -> str:
    """Each word with a capital; `don't` stays one word."""
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text_of("title", value))


def trim(value: Any) -> str:
    return text_of("trim", value).strip()


def split(value: Any, separator: Any) -> list[str]:
    """The parts between separators; an empty separator gives the characters."""
    text, between = text_of("split", value), text_of("split", separator)
    fits(VALUE * (text.count(between) + 1))
    return text.split(between) if between else list(text)


def join(separator: Any, items: Any) -> str | None:
    """The items with the separator between; null where an item is null, so that a missing part never goes unnoticed."""
    if not isinstance(items, list):
        raise wrong("join", "a text and a list")
    if any(item is None for item in items):
        return None
    between, parts = text_of("join", separator), [text_of("join", item) for item in items]
    fits(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)


def replace(value: Any, old: Any, new: Any) -> str:
    """Every `old` replaced; an empty `old` is nowhere."""
    text, before, after = text_of("replace", value), text_of("replace", old), text_of("replace", new)
    if not before:
        return text
    fits(len(text) + text.count(before) * len(after))
    return text.replace(before, after)


def concat(*values: Any) -> str:
    """One text of all; lists and objects as compact JSON, as inside a longer text."""
    parts = [as_text(value) for value in values]
    fits(sum(map(len, parts)))
    return "".join(parts)


def substring(value: Any, start: Any, end: Any = None) -> str:
    """From `start` up to and without `end`, counted from 0; negative from the end, like a slice."""
    text = text_of("substring", value)
    return text[whole("substring", start) : None if end is None else whole("substring", end)]


def pad(value: Any, width: Any, fill: Any = " ") -> str:
    """Filled up to `width`: at the left, or at the right where `width` is negative (as in printf)."""
    text, length, character = text_of("pad", value), whole("pad", width), text_of("pad", fill)
    if len(character) != 1:
        raise wrong("pad", "one character to fill with")
    fits(abs(length))
    return text.ljust(-length, character) if length < 0 else text.rjust(length, character)


def starts_with(value: Any, prefix: Any) -> bool:
    return text_of("starts_with", value).startswith(text_of("starts_with", prefix))


def ends_with(value: Any, suffix: Any) -> bool:
    return text_of("ends_with", value).endswith(text_of("ends_with", suffix))


def pattern(written: Any) -> Any:
    """A compiled regular expression in the linear-time dialect of RE2. Raises `ValueError`."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_PATTERN_MEMORY
    if not isinstance(written, str):
        raise ValueError("a regular expression is a text")  # noqa: TRY004  # the caller turns ValueError into a fault
    try:
        return re2.compile(written, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"this regular expression is not valid: {reason}") from None


def matches(value: Any, compiled: Any) -> bool:
    """Whether the pattern occurs anywhere in the text; `^` and `$` bind it to the ends."""
    return compiled.search(text_of("matches", value)) is not None


def mask(value: Any, kind: Any) -> str | None:
    """Hides most of a text: `partial` leaves an eighth at each end, `last4` the last four, `hash` the SHA-256, `remove` nothing (null)."""
    text = text_of("mask", value)
    if kind == "remove":
        return None
    if kind == "hash":
        return sha256(text)
    if kind == "last4":
        return "*" * len(text) if len(text) <= 4 else "*" * (len(text) - 4) + text[-4:]
    if kind == "partial":
        shown = min(2, len(text) // 8)
        return text[:shown] + "*" * (len(text) - 2 * shown) + text[len(text) - shown :]
    raise wrong("mask", f"a kind: {', '.join(sorted(MASKS))}")


def sha256(value: Any) -> str:
    """SHA-256 of the UTF-8 text, in hexadecimal."""
    return digest(text_of("sha256", value).encode()).hexdigest()


def url_encode(value: Any) -> str:
    """Percent-encoded, all but unreserved characters (RFC 3986 §2.3)."""
    text = text_of("url_encode", value)
    fits(3 * len(text.encode()))
    return quote(text, safe="")


def reverse(value: Any) -> Any:
    """A text or list from its end."""
    if isinstance(value, str | list):
        return value[::-1]
    raise wrong("reverse", "a text or a list")


def length(value: Any) -> int:
    """Characters, items or fields; 0 for null."""
    if value is None:
        return 0
    if isinstance(value, str | list | dict):
        return len(value)
    raise wrong("length", "a text, a list or an object")


def to_string(value: Any) -> str:
    """Text as is, all else as compact JSON."""
    return as_text(value)


BUILTINS = (
    Builtin(name="upper", function=upper, minimum=1, maximum=1, returns="text", builds=True, summary="In capitals."),
    Builtin(name="lower", function=lower, minimum=1, maximum=1, returns="text", builds=True, summary="In small letters."),
    Builtin(name="title", function=title, minimum=1, maximum=1, returns="text", builds=True, summary="Each word with a capital."),
    Builtin(name="trim", function=trim, minimum=1, maximum=1, returns="text", builds=True, summary="Without white space at its ends."),
    Builtin(name="split", function=split, minimum=2, maximum=2, returns="list", builds=True, summary="The parts between separators."),
    Builtin(name="join", function=join, minimum=2, maximum=2, scans=1, returns="text", builds=True, summary="A list's items as one text."),
    Builtin(name="replace", function=replace, minimum=3, maximum=3, returns="text", builds=True, summary="Every occurrence replaced."),
    Builtin(name="concat", function=concat, minimum=1, maximum=None, returns="text", builds=True, summary="One text of all arguments."),
    Builtin(name="substring", function=substring, minimum=2, maximum=3, returns="text", builds=True, summary="From start to before end."),
    Builtin(
        name="pad", function=pad, minimum=2, maximum=3, returns="text", builds=True, summary="Filled up to a width, negative at the right."
    ),
    Builtin(name="starts_with", function=starts_with, minimum=2, maximum=2, returns="boolean", summary="Whether a text begins so."),
    Builtin(name="ends_with", function=ends_with, minimum=2, maximum=2, returns="boolean", summary="Whether a text ends so."),
    Builtin(
        name="matches",
        function=matches,
        minimum=2,
        maximum=2,
        returns="boolean",
        fixed={1: pattern},
        summary="Whether a constant regular expression occurs in a text.",
    ),
    Builtin(
        name="mask",
        function=mask,
        minimum=2,
        maximum=2,
        returns="text",
        builds=True,
        check=one_of("mask", 1, MASKS, "kind"),
        summary="Hides most of a text.",
    ),
    Builtin(name="sha256", function=sha256, minimum=1, maximum=1, returns="text", builds=True, summary="SHA-256 in hexadecimal."),
    Builtin(name="url_encode", function=url_encode, minimum=1, maximum=1, returns="text", builds=True, summary="Percent-encoded."),
    Builtin(name="reverse", function=reverse, minimum=1, maximum=1, builds=True, summary="A text or list from its end."),
    Builtin(name="length", function=length, minimum=1, maximum=1, returns="number", nulls="own", summary="Characters, items or fields."),
    Builtin(name="to_string", function=to_string, minimum=1, maximum=1, returns="text", builds=True, summary="Text, or compact JSON."),
)
