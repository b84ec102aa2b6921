"""Checks a single value: its unit, its range, its spelling, whether it is one of those allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from gateway.config.advice import Advice
from gateway.config.faults import Faults
from gateway.config.shape import Schema
from gateway.config.suggest import certain, closest
from gateway.config.units import duration_advice, is_duration, is_size, range_advice, size_advice
from gateway.config.wording import listed, quoted
from gateway.sdk.fields import NAME_PATTERN
from gateway.sdk.problem import Path

_LONGEST_REPAIRED = 64
NOT_NAMES = frozenset({"on", "off", "yes", "no"})
"""Words that many YAML readers take for booleans; nothing of ours is called so (language §1)."""

UNITS: Mapping[str, Callable[[str | float], Advice]] = {
    "duration": duration_advice,
    "duration_or_auto": duration_advice,
    "duration_range": range_advice,
    "size": size_advice,
}
"""The kinds of value that are written with a unit."""


def check_scalar(faults: Faults, choices: list[Schema], shape: Schema, value: Any, path: Path) -> None:
    """Checks a value that is of the right type; `shape` is the alternative of `choices` that it is checked by."""
    unit = shape.get("x-gateway-kind", "")
    if unit in UNITS:
        if not has_unit(unit, value, shape):
            unit_fault(faults, shape, value, path)
    elif "enum" in shape or "const" in shape:
        allowed = [item for choice in choices for item in choice.get("enum", [choice["const"]] if "const" in choice else [])]
        if value not in allowed:
            _not_allowed(faults, allowed, value, path, shape)
    elif isinstance(value, str):
        check_form(faults, shape, value, path)
        _length(faults, shape, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        problem = out_of_range(shape, value)
        if problem is not None:
            faults.add("GW104", f"{faults.owner(path)} is {faults.quoted(value, path, shape)}, {problem}", path)


def unit_fault(faults: Faults, shape: Schema, value: str | float, path: Path) -> None:
    """Reports a duration or size that is not spelled as one; `shape` is the schema of its kind."""
    unit = shape["x-gateway-kind"]
    what = "size" if unit == "size" else "duration"
    shown = faults.quoted(value, path, shape)
    problem = f"is no {what}: {shown}" if isinstance(value, str) else f"needs a unit, found the number {shown}"
    advice = UNITS[unit](value if faults.shows(value, path, shape) else "")
    faults.add("GW105", f"{faults.owner(path)} {problem}", path, hint=advice.hint, fix=advice.fix)


def check_form(faults: Faults, shape: Schema, text: str, path: Path, *, is_key: bool = False) -> None:
    """Checks a text, or with `is_key` a key, that has to look a certain way; most often a name."""
    pattern = shape.get("pattern")
    if pattern is None:
        return
    what = quoted(text) if is_key else faults.quoted(text, path, shape)
    if pattern == NAME_PATTERN and text in NOT_NAMES:
        hint = "many YAML readers take this word for a boolean; choose another name"
        faults.add("GW104", f"nothing can be called {what}", path, key=is_key, hint=hint)
    elif re.search(pattern, text) is not None and not text.endswith("\n"):
        return
    elif pattern == NAME_PATTERN:
        better = _better_name(text) if is_key or faults.shows(text, path, shape) else ""
        hint = f"names are small letters, digits and `_`, a letter first{better}"
        faults.add("GW104", f"{what} can't be a name", path, key=is_key, hint=hint)
    else:
        subject = f"a key in {faults.owner(path[:-1])}" if is_key else faults.owner(path)
        wanted = shape.get("x-gateway-form", f"a text that matches `{pattern}`")
        repaired = _repaired(pattern, text) if is_key or faults.shows(text, path, shape) else None
        meant = f"did you mean `{repaired}`?" if repaired else None
        faults.add("GW104", f"{subject} must be {wanted}, found {what}", path, key=is_key, hint=meant)


def _repaired(pattern: str, text: str) -> str | None:
    """The text as it would be right, where only its case, a separator or its beginning is wrong."""
    if len(text) > _LONGEST_REPAIRED:
        return None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
    braces = re.sub(r"(?<=/):([A-Za-z_]\w*)", r"{\1}", text)
    ways = (text.strip(), braces, snake, text.upper(), "/" + text, *(text.replace(sign, ".") for sign in "/:#"))
    return next((way for way in ways if re.search(pattern, way) is not None and not way.endswith("\n")), None)


def _better_name(text: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:64]).lower()
    name = re.sub(r"[^a-z0-9]+", "_", words).strip("_").lstrip("0123456789_")
    return f": `{name}`" if name and name not in NOT_NAMES else ""


def has_unit(unit: str, text: str, shape: Schema) -> bool:
    """Whether a text is spelled as its kind of value is; `unit` is one of `UNITS`."""
    if unit == "duration_or_auto":
        return text == "auto" or is_duration(text)
    if unit == "duration_range":
        return re.fullmatch(shape["pattern"], text) is not None
    return is_size(text) if unit == "size" else is_duration(text)


def _not_allowed(faults: Faults, allowed: list[Any], value: Any, path: Path, shape: Schema) -> None:
    shown = isinstance(value, str) and faults.shows(value, path, shape)
    words = [item for item in allowed if isinstance(item, str)]
    near = closest(value, words) if shown else None
    message = f"{faults.owner(path)} can't be {faults.quoted(value, path, shape)}"
    hint = f"did you mean `{near}`?" if near else None
    fix = certain(value, near, words) if near else None
    faults.add("GW104", message, path, hint=hint, help=f"allowed: {listed(map(str, allowed))}", fix=fix)


def _length(faults: Faults, shape: Schema, text: str, path: Path) -> None:
    if len(text) < shape.get("minLength", 0):
        faults.add("GW104", f"{faults.owner(path)} {'is too short' if text else 'is empty'}", path)
    elif len(text) > shape.get("maxLength", math.inf):
        faults.add("GW104", f"{faults.owner(path)} is longer than {shape['maxLength']} characters", path)


def out_of_range(shape: Schema, value: float) -> str | None:
    """What is wrong with a number, or None."""
    if not math.isfinite(value):
        return "which is not a finite number"
    if value < shape.get("minimum", -math.inf):
        return f"at least {shape['minimum']} is needed"
    if value <= shape.get("exclusiveMinimum", -math.inf):
        return f"more than {shape['exclusiveMinimum']} is needed"
    if value > shape.get("maximum", math.inf):
        return f"at most {shape['maximum']} is possible"
    return f"less than {shape['exclusiveMaximum']} is needed" if value >= shape.get("exclusiveMaximum", math.inf) else None
