"""Checks the keys of one mapping: unknown, missing, excluding each other, not in force yet.

A key that is only a misspelling of a missing one is reported as that misspelling alone.
"""

from __future__ import annotations

from typing import Any

from gateway.config.faults import Faults
from gateway.config.shape import Schema, Shapes
from gateway.config.suggest import certain, closest
from gateway.config.wording import either, listed, quoted
from gateway.sdk.problem import Path

HABITS = {
    "args": "with",
    "arguments": "with",
    "params": "with",
    "if": "when",
    "condition": "when",
    "needs": "depends_on",
    "after": "depends_on",
    "loop": "foreach",
    "catch": "fallback",
    "on_error": "fallback",
    "assert": "ensure",
    "optional": "required",
    "base_url": "servers",
    "server": "servers",
    "method": "request",
    "response": "respond",
    "url": "servers",
}
"""Keys of other tools, and ours for the same thing; used only where ours is allowed and not written yet."""


def check_keys(faults: Faults, shapes: Shapes, shape: Schema, value: dict[str, Any], path: Path) -> None:
    """Everything that can be wrong with the keys of the mapping `value` at `path`."""
    meant = _unknown(faults, shape, value, path) if shape.get("additionalProperties") is False else set()
    _missing(faults, shapes, shape, value.keys() | meant, path)
    undecided = _exactly_one(faults, shape, value, path, meant)
    for key, needed in shape.get("x-gateway-only-with", {}).items():
        if key in value and not (value.keys() | meant | undecided) & set(needed):
            message = f"`{key}` in {faults.owner(path)} is only used together with {either(needed)}"
            faults.add("GW107", message, (*path, key), key=True, hint=f"remove it, or add {either(needed)}")


def check_status(faults: Faults, schema: Schema, value: Any, path: Path) -> None:
    """Reports a key that is modelled and not in force yet, unless it says what holds anyhow."""
    status = schema.get("x-gateway-status")
    if status is None or ("default" in schema and schema["default"] == value):
        return
    kind = schema.get("const")
    what = faults.owner(path) if kind is None else f"the {faults.kind} kind `{kind}`"
    if status == "planned":
        message = f"{what} is checked, but not in force in this release"
        hint = (
            "the gateway works as if it were not written" if kind is None or faults.kind != "source" else "its operations can't be called"
        )
        faults.add("GW110", message, path, key=kind is None, hint=hint, severity="warning")
    else:
        message = f"{what} protects, and is not in force in this release"
        hint = "the gateway does not start with a protection that it would not apply"
        faults.add("GW111", message, path, key=kind is None, hint=hint)


def _unknown(faults: Faults, shape: Schema, value: dict[str, Any], path: Path) -> set[str]:
    """Reports keys that don't exist; gives the keys that were probably meant."""
    declared = shape.get("properties", {})
    free = [name for name in declared if name not in value]
    meant: set[str] = set()
    for key in value:
        if key in declared:
            continue
        if faults.full:
            break
        tight = key.partition(":")[0] if ":" in key else None
        near = tight if tight in declared else closest(key, free) or (HABITS[key] if HABITS.get(key) in free else None)
        meant |= {near} if near else set()
        faults.add(
            "GW101",
            f"unknown key {quoted(key)} in {faults.owner(path)}",
            (*path, key),
            key=True,
            hint=f"a space is missing behind `{tight}:`" if near and near == tight else f"did you mean `{near}`?" if near else None,
            help=f"allowed here: {listed(declared)}" if declared else "no key is allowed here",
            fix=certain(key, near, declared),
        )
    return meant


def _missing(faults: Faults, shapes: Shapes, shape: Schema, there: set[str], path: Path) -> None:
    for key in shape.get("required", ()):
        if key not in there:
            said = shapes.resolve(shape["properties"][key]).get("description", "")
            hint = f"add `{key}`: {said[:1].lower()}{said[1:].rstrip('.')}" if said else f"add `{key}`"
            faults.add("GW103", f"missing key `{key}` in {faults.owner(path)}", path, key=True, hint=hint)


def _exactly_one(faults: Faults, shape: Schema, value: dict[str, Any], path: Path, meant: set[str]) -> set[str]:
    """Reports groups of which none or several are written; gives the keys of groups of which none is."""
    undecided: set[str] = set()
    for group in shape.get("x-gateway-exactly-one", ()):
        chosen = [key for key in value if key in group and value[key] is not False]
        if len(chosen) > 1:
            message = f"{either(chosen, 'and')} exclude each other in {faults.owner(path)}"
            faults.add("GW107", message, (*path, chosen[1]), key=True, hint=f"keep one of {either(chosen, 'and')}")
        elif not chosen:
            undecided |= set(group)
            if not meant & set(group):
                faults.add("GW107", f"{faults.owner(path)} needs one of {either(group)}", path, key=True)
    return undecided
