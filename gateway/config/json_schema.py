"""Checks a JSON Schema that somebody wrote into a document (language §1): draft 2020-12, linear-time patterns, known formats.

Stricter than the meta-schema in two ways: a keyword that the draft doesn't know is an error (a misspelled `required` would
silently check nothing) unless it begins with `x-`, and a schema refers to nothing outside itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import re2

from gateway.config.advice import FALSE_WORDS, TRUE_WORDS
from gateway.config.faults import Faults
from gateway.config.json_schema_references import check_references
from gateway.config.json_schema_words import (
    COUNTS,
    DIALECT,
    FLAGS,
    FORMATS,
    KEYWORDS,
    NUMBERS,
    ONE_SCHEMA,
    OTHER_DIALECTS,
    PLACES,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    TEXTS,
    TYPES,
)
from gateway.config.suggest import certain, closest
from gateway.config.wording import found, listed, quoted
from gateway.sdk.problem import Path

MOST_LEVELS = 64
"""Schemas nested deeper than this are refused; nobody writes them by hand."""
_LONGEST_EXAMPLE = 30


def check_json_schema(schema: Any, path: Path, faults: Faults) -> None:
    """Reports everything that is wrong with the JSON Schema at `path`."""
    before = len(faults.problems)
    _SchemaCheck(faults).check(schema, path, 0)
    if not any(problem.code == "GW101" for problem in faults.problems[before:]):  # `$def` for `$defs`
        check_references(schema, path, faults)


class _SchemaCheck:
    """One JSON Schema under check."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def check(self, schema: Any, path: Path, level: int) -> None:
        """Checks a schema and those inside it."""
        if self._faults.full or isinstance(schema, bool):
            return
        if not isinstance(schema, dict):
            self._wrong("a JSON Schema", schema, path)
        elif level > MOST_LEVELS:
            self._faults.add("GW106", f"this JSON Schema is nested more than {MOST_LEVELS} levels deep", path)
        else:
            for keyword, value in schema.items():
                self._keyword(keyword, value, (*path, keyword), level)
            self._unreachable_names(schema, path)

    def _keyword(self, keyword: str, value: Any, path: Path, level: int) -> None:
        if keyword in ONE_SCHEMA and not (keyword == "items" and isinstance(value, list)):
            self.check(value, path, level + 1)
        elif keyword in SCHEMA_LISTS or keyword in SCHEMA_MAPS:
            for below, item in self._members(keyword, value, path):
                self.check(item, below, level + 1)
        elif keyword in COUNTS | NUMBERS | FLAGS | TEXTS:
            self._simple(keyword, value, path)
        elif keyword in KEYWORDS or keyword == "items":
            self._special(keyword, value, path)
        elif not keyword.startswith("x-"):
            self._unknown(keyword, path)

    def _members(self, keyword: str, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
        """The schemas of a keyword that takes several, by list or by name."""
        if keyword in SCHEMA_LISTS:
            if not isinstance(value, list) or not value:
                self._wrong("a list of JSON Schemas with at least one entry", value, path)
                return
            yield from (((*path, index), item) for index, item in enumerate(value))
        elif not isinstance(value, dict):
            self._wrong("a mapping of names to JSON Schemas", value, path)
        else:
            for name, item in value.items():
                if keyword == "patternProperties":
                    self._pattern(name, (*path, name), is_key=True)
                yield (*path, name), item

    def _simple(self, keyword: str, value: Any, path: Path) -> None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if keyword in COUNTS:
            if not number or value < 0 or not math.isfinite(value) or value != int(value):
                self._wrong("a whole number from 0 on", value, path)
        elif keyword in NUMBERS:
            if not number or not math.isfinite(value) or (keyword == "multipleOf" and value <= 0):
                hint = "write the number itself; `minimum` and `maximum` include theirs" if isinstance(value, bool) else None
                self._wrong("a number above 0" if keyword == "multipleOf" else "a number", value, path, hint)
        elif keyword in FLAGS:
            if not isinstance(value, bool):
                self._wrong("`true` or `false`", value, path)
        elif not isinstance(value, str):
            self._wrong("a text", value, path, "put it in quotes" if number else None)
        else:
            self._text(keyword, value, path)
            self._identifier(keyword, value, path)

    def _text(self, keyword: str, value: str, path: Path) -> None:
        if keyword == "pattern":
            self._pattern(value, path)
        elif keyword == "format" and value not in FORMATS:
            near = closest(value, FORMATS)
            hint = f"did you mean `{near}`?" if near else "leave it out, or write a `pattern`"
            fix = certain(value, near, FORMATS)
            self._faults.add("GW109", f"unknown format {quoted(value)}", path, hint=hint, help=f"known formats: {listed(FORMATS)}", fix=fix)
        elif keyword == "$schema" and value.rstrip("#") != DIALECT:
            self._faults.add(
                "GW112", "only the dialect draft 2020-12 is understood", path, hint=f"leave `$schema` out, or write `{DIALECT}`"
            )

    def _identifier(self, keyword: str, value: str, path: Path) -> None:
        hint = None
        if keyword in {"$anchor", "$dynamicAnchor"} and not re.fullmatch(r"[A-Za-z_][-A-Za-z0-9._]*", value):
            hint = "a letter, then letters, digits, `-`, `.` and `_`"
        elif keyword == "$id" and "#" in value.removesuffix("#"):
            hint = "write it without `#`"
        if hint is not None:
            self._faults.add("GW104", f"`{keyword}` can't be {quoted(value)}", path, hint=hint)

    def _pattern(self, value: str, path: Path, *, is_key: bool = False) -> None:
        options = re2.Options()
        options.log_errors = False
        try:
            re2.compile(value, options)
        except re2.error as error:
            reason = error.args[0].decode(errors="replace") if error.args and isinstance(error.args[0], bytes) else str(error)
            message = f"this pattern is outside the linear-time dialect (RE2): {reason[:80]}"
            hint = "look-around and back-references are not in it" if "perl" in reason or "escape" in reason else None
            self._faults.add("GW108", message, path, key=is_key, hint=hint)

    def _special(self, keyword: str, value: Any, path: Path) -> None:
        if keyword in {"const", "default"}:
            return
        checks: dict[str, Callable[[Any, Path], None]] = {
            "type": self._types,
            "items": self._items_of_another_draft,
            "enum": self._enum,
            "examples": self._examples,
            "required": self._required,
            "dependentRequired": self._dependent,
            "in": self._place,
            "classification": self._classification,
            "$vocabulary": self._vocabulary,
        }
        checks[keyword](value, path)

    def _items_of_another_draft(self, value: Any, path: Path) -> None:
        self._wrong("a JSON Schema", value, path, "a list of schemas, one for each of the first items, is `prefixItems`")

    def _enum(self, value: Any, path: Path) -> None:
        if not isinstance(value, list) or not value:
            self._wrong("a list with at least one entry", value, path)

    def _examples(self, value: Any, path: Path) -> None:
        if not isinstance(value, list):
            self._wrong("a list", value, path)

    def _required(self, value: Any, path: Path) -> None:
        hint = "list the names under `required` beside `properties`" if isinstance(value, bool) else None
        self._names(value, path, hint)

    def _dependent(self, value: Any, path: Path) -> None:
        if not isinstance(value, dict):
            self._wrong("a mapping of names to lists of names", value, path)
            return
        for name, names in value.items():
            self._names(names, (*path, name), None)

    def _place(self, value: Any, path: Path) -> None:
        self._one_of(value, PLACES, path)

    def _classification(self, value: Any, path: Path) -> None:
        if not isinstance(value, str):
            self._wrong("a text", value, path)

    def _vocabulary(self, _value: Any, path: Path) -> None:
        self._faults.add("GW106", "`$vocabulary` belongs into meta-schemas only", path, key=True, hint="remove it")

    def _types(self, value: Any, path: Path) -> None:
        if isinstance(value, list) and value:
            for index, item in enumerate(value):
                self._one_of(item, TYPES, (*path, index))
            if len({str(item) for item in value}) < len(value):
                self._faults.add("GW106", "a type is listed twice", path)
        else:
            self._one_of(value, TYPES, path)

    def _one_of(self, value: Any, allowed: Sequence[str], path: Path) -> None:
        if value in allowed and isinstance(value, str):
            return
        near = closest(value, allowed) if isinstance(value, str) else None
        hint = f"did you mean `{near}`?" if near else "write `'null'` in quotes" if value is None else None
        what = quoted(value) if isinstance(value, str) else found(value)
        fix = certain(value, near, allowed) if near else None
        self._faults.add("GW104", f"`{_keyword_of(path)}` can't be {what}", path, hint=hint, help=f"allowed: {listed(allowed)}", fix=fix)

    def _names(self, value: Any, path: Path, hint: str | None) -> None:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self._wrong("a list of names", value, path, hint)
        elif len(set(value)) < len(value):
            self._faults.add("GW106", "a name is listed twice", path)

    def _unknown(self, keyword: str, path: Path) -> None:
        near = closest(keyword, KEYWORDS)
        hint = OTHER_DIALECTS.get(keyword) or (f"did you mean `{near}`?" if near else "notes of your own begin with `x-`")
        fix = certain(keyword, near, KEYWORDS) if keyword not in OTHER_DIALECTS else None
        self._faults.add("GW101", f"unknown keyword {quoted(keyword)} in a JSON Schema", path, key=True, hint=hint, fix=fix)

    def _unreachable_names(self, schema: dict[str, Any], path: Path) -> None:
        """A required name that can't be there: no value would ever pass."""
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if schema.get("additionalProperties") is not False or "patternProperties" in schema:
            return
        if not isinstance(properties, dict) or not isinstance(required, list):
            return
        for index, name in enumerate(required):
            if self._faults.full:
                return
            if isinstance(name, str) and name not in properties:
                near = closest(name, properties)
                hint = f"did you mean `{near}`?" if near else "declare it, or remove it here"
                message = f"{quoted(name)} is required, but `properties` doesn't have it and nothing else is allowed"
                self._faults.add("GW106", message, (*path, "required", index), hint=hint)

    def _wrong(self, wanted: str, value: Any, path: Path, hint: str | None = None) -> None:
        hint = hint or _mending(wanted, value)
        at_key = isinstance(value, dict | list) and isinstance(path[-1] if path else 0, str)
        self._faults.add("GW102", f"`{_keyword_of(path)}` must be {wanted}, found {found(value)}", path, key=at_key, hint=hint)


def _mending(wanted: str, value: Any) -> str | None:
    """How a value of the wrong type is mended."""
    if not isinstance(value, str) or len(value) > _LONGEST_EXAMPLE:
        return None
    if wanted.startswith("a list"):
        return f"write it as a list: `[{value}]`"
    if "JSON Schema" in wanted and value in TYPES:
        return f"write `{{type: {value}}}`"
    if "JSON Schema" in wanted or "true" in wanted:
        return "write `false`" if value.lower() in FALSE_WORDS else "write `true`" if value.lower() in TRUE_WORDS else None
    return f"write it without quotes: `{value}`" if "number" in wanted and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) else None


def _keyword_of(path: Path) -> str:
    """The last name of a path."""
    return next((step for step in reversed(path) if isinstance(step, str)), "schema")
