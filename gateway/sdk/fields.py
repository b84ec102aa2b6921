"""The types of configuration fields, beyond plain ones. A component's `Config` is made of these and of msgspec's.

`Duration` and `Size` are written with a unit. `Expr` is a bare expression; `Template` a value in which `${ }` is evaluated at
run time; `JsonSchema` is a JSON Schema (draft 2020-12), exempt from both. Everything else is a configuration position, where
only `${ env.X }` and (where allowed) `${ secret.x }` are resolved, once, at load.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE_UNITS = {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB}
DURATION_PATTERN = r"^(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:ms|s|m|h|d))+$"
SIZE_PATTERN = r"^(?:0|[1-9][0-9]*)(?:B|KiB|MiB|GiB)$"
NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
_DURATION_PART = re.compile(r"([0-9.]+)(ms|s|m|h|d)")


class Duration(float):
    """A length of time in seconds, written `250ms`, `2s`, `1m30s`, `4h`, `30d`."""

    json_schema: ClassVar[dict[str, Any]] = {"type": "string", "pattern": DURATION_PATTERN, "x-gateway-kind": "duration"}

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Raises `ValueError` for a missing or unknown unit."""
        if not re.fullmatch(DURATION_PATTERN, text):
            raise ValueError(f"not a duration: {text!r}")
        return cls(sum(float(number) * _DURATION_UNITS[unit] for number, unit in _DURATION_PART.findall(text)))


class DurationOrAuto(float):
    """A `Duration`, or the word `auto`, which is NaN."""

    json_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [{"const": "auto"}, Duration.json_schema],
        "x-gateway-kind": "duration_or_auto",
    }

    @classmethod
    def parse(cls, text: str) -> DurationOrAuto:
        """Raises `ValueError` for anything else."""
        return cls("nan") if text == "auto" else cls(Duration.parse(text))


class DurationRange(tuple[float, float]):
    """From one length of time to another, in seconds, written `50ms..500ms`."""

    json_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "pattern": DURATION_PATTERN[:-1] + r"\.\." + DURATION_PATTERN[1:],
        "x-gateway-kind": "duration_range",
    }

    @classmethod
    def parse(cls, text: str) -> DurationRange:
        """Raises `ValueError` for anything that is not two durations."""
        low, _, high = text.partition("..")
        return cls((Duration.parse(low), Duration.parse(high)))


class Size(int):
    """A number of bytes, written `512B`, `64KiB`, `1MiB`, `2GiB`."""

    json_schema: ClassVar[dict[str, Any]] = {"type": "string", "pattern": SIZE_PATTERN, "x-gateway-kind": "size"}

    @classmethod
    def parse(cls, text: str) -> Size:
        """Raises `ValueError` for a missing or unknown unit."""
        if not re.fullmatch(SIZE_PATTERN, text):
            raise ValueError(f"not a size: {text!r}")
        number, unit = re.findall(r"([0-9]+)([A-Za-z]+)", text)[0]
        return cls(int(number) * _SIZE_UNITS[unit])


def tag(kind: str, **more: Any) -> Meta:
    """Marks a field's role in the generated schema as `x-gateway-kind`; the loader reads it from there."""
    return Meta(extra_json_schema={"x-gateway-kind": kind, **more})


Name = Annotated[str, Meta(pattern=NAME_PATTERN)]
Expr = Annotated[str, tag("expression")]
Template = Annotated[Any, tag("template")]
JsonSchema = Annotated[dict[str, Any] | bool, tag("json_schema")]
Secret = Annotated[str, tag("secret")]
"""A configuration text in which `${ secret.x }` is allowed."""


def described(text: str, **extra: Any) -> Meta:
    """A field's description, shown by the editor, the reference page and `gateway schema`."""
    return Meta(description=text, extra_json_schema=extra or None)


def planned(text: str) -> Meta:
    """Like `described`, for a key that is checked but not in force yet: using it is warning GW110."""
    return Meta(description=text, extra_json_schema={"x-gateway-status": "planned"})


def protects(text: str) -> Meta:
    """Like `described`, for a protecting key that is not in force yet: using it is error GW111."""
    return Meta(description=text, extra_json_schema={"x-gateway-status": "protects"})


def form(words: str) -> Meta:
    """How a text with a `pattern` has to look, in the words behind "must be": the message where it does not."""
    return Meta(extra_json_schema={"x-gateway-form": words})


def schema_hook(kind: type) -> dict[str, Any]:
    """For `msgspec.json.schema`: the schema of the types above."""
    schema: dict[str, Any] = copy.deepcopy(kind.json_schema)  # type: ignore[attr-defined]
    return schema  # a copy: the generator writes descriptions into it


def decode_hook(kind: type, written: Any) -> Any:
    """For `msgspec.convert`: reads the types above from their text."""
    return kind.parse(written)  # type: ignore[attr-defined]


def default(value: Callable[[str], Any], written: str) -> Any:
    """A field's default, in the spelling of the configuration: `timeout: Duration = default(Duration.parse, "5s")`."""
    return msgspec.field(default_factory=functools.partial(value, written))
