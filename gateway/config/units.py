"""The right spelling of a duration or size that was written wrong."""

from __future__ import annotations

import re

from gateway.config.advice import Advice
from gateway.sdk.fields import DURATION_PATTERN, GIB, KIB, MIB, SIZE_PATTERN

_DURATION_WORDS = {
    "ms": ("ms", "msec", "msecs", "millis", "milli", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
_UNIT_OF = {word: unit for unit, words in _DURATION_WORDS.items() for word in words}
_SIZE_UNIT_OF = {"b": "B", "byte": "B", "bytes": "B"} | {
    spelling: f"{letter.upper()}iB" for letter in "kmg" for spelling in (letter, f"{letter}b", f"{letter}ib")
}
_NUMBER_AND_UNIT = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})? ?([A-Za-z]{1,12})")
_BYTES = {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB}
_LONGEST = 40


def is_duration(text: str) -> bool:
    """Whether a text is a duration as the language spells it."""
    return re.fullmatch(DURATION_PATTERN, text) is not None


def is_size(text: str) -> bool:
    """Whether a text is a size as the language spells it."""
    return re.fullmatch(SIZE_PATTERN, text) is not None


def duration_advice(written: str | float) -> Advice:
    """How a duration is spelled, as near as possible to what was written."""
    text = _number(written)
    if text == "0":
        return Advice("write `0s`", "0s")
    if re.fullmatch(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?", text):
        return Advice(f"write `{text}ms` or `{text}s`")
    meant = _respelled(text)
    if meant is not None:
        return Advice(f"write `{meant}`", meant)
    if text.startswith("-"):
        return Advice("a duration can't be negative")
    return Advice("write a number with its unit: `250ms`, `2s`, `1m30s`, `4h` or `30d`")


def _respelled(text: str) -> str | None:
    """`2 sec` as `2s`; None where it isn't plain what is meant."""
    if len(text) > _LONGEST:
        return None
    parts = list(_NUMBER_AND_UNIT.finditer(text))
    if not parts or "".join(text.split()) != "".join("".join(part.group().split()) for part in parts):
        return None
    units = [_UNIT_OF.get(part.group(3)) or _UNIT_OF.get(part.group(3).lower()) for part in parts]
    if None in units:
        return None
    spelled = "".join(f"{part.group(1)}{part.group(2) or ''}{unit}" for part, unit in zip(parts, units, strict=True))
    return spelled if is_duration(spelled) and spelled != text else None


def range_advice(written: str | float) -> Advice:
    """How a stretch from one duration to another is spelled."""
    text = _number(written)
    ends = [part.strip() for part in re.split(r"\.{2,}|…|-| to ", text[:_LONGEST]) if part.strip()]
    if len(ends) == 2:
        low, high = (end if is_duration(end) else _respelled(end) for end in ends)
        if low is not None and high is not None:
            return Advice(f"write `{low}..{high}`", f"{low}..{high}")
    return Advice("write two durations with `..` between: `50ms..500ms`")


def size_advice(written: str | float) -> Advice:
    """How a size is spelled, as near as possible to what was written."""
    text = _number(written)
    if re.fullmatch(r"0|[1-9][0-9]{0,14}", text):
        return Advice(_bytes_advice(int(text)))
    part = _NUMBER_AND_UNIT.fullmatch(text[:_LONGEST])
    unit = _SIZE_UNIT_OF.get(part.group(3).lower()) if part else None
    if part is None or unit is None:
        return Advice("write a whole number with its unit: `512B`, `64KiB`, `1MiB` or `2GiB`")
    if part.group(2):
        return Advice(f"write a whole number: `{round(float(part.group(1) + part.group(2)) * _BYTES[unit])}B`")
    return Advice(f"write `{part.group(1)}{unit}`")


def _bytes_advice(number: int) -> str:
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if number and number % _BYTES[unit] == 0), None)
    return f"write `{number}B`" if unit is None else f"write `{number // _BYTES[unit]}{unit}`"


def _number(written: str | float) -> str:
    if isinstance(written, float) and written.is_integer() and abs(written) < 1e15:
        return str(int(written))
    return str(written).strip() if not isinstance(written, int) or written.bit_length() < 64 else "a number"
