"""Whole configurations with one to three things changed at random: characters, lines, bytes, keys, types, values. A seed always
gives the same mutant."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from tests.mutations import CHANGES, Change

_WORD = re.compile(r"[A-Za-z]")
EDITS = (1, 1, 1, 2, 3)
HOSTILE = (
    "\x00", "\ud800", "\udcff", "\u2028", "\ufeff", "\u202e", "\t", "\r", "%", "`", "]" * 90, "{a: " * 70, "[" * 300, "- " * 80,
    "&a [*a, *a]", "*a", "<<: *a", "!!python/object:os.system x", "--- ", "\n---\n", "\n...\n", "? ", "'''", '"\\x', "|2-\n", "#",
    "${ " + "(" * 200, "${ " + "a." * 2_000 + "b }", "${ input[?" * 40, "9" * 400, "é" * 3_000, "a" * 20_000, "$literal: 1",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1 << 63, -(1 << 70), 1e308, 0.1, "", " ", "x", "no", "2s", "10MiB", "*", "a.b", "intent.track", "erp.order",
    [], {}, [None], [[]], {"": 1}, {"a": {}}, [1, "a", {}], "${ input }", "${ steps }", "${ user.roles }", "${ length(steps) }",
    "${ nothing }", "x${ input.a }y", "input", "steps.order", "`null`", "!input.a.b", "a == `1`", "@", "*.a", "input.rows[*].a",
    {"$each": "input.rows", "$as": "row", "$do": "${ row }"}, {"$if": "input.a", "$then": 1}, {"$literal": {"$x": 1}},
    {"$use": "card", "value": 1},
    {"type": "object", "properties": {"a": {"$ref": "#"}}}, {"$ref": "#/x"}, {"type": "array", "items": {"type": "string"}}, "a" * 5_000,
)  # fmt: skip


class WrittenOut(yaml.SafeDumper):
    """Writes what stands in two places twice, without an anchor and its alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


def mutant(files: Mapping[str, str], seed: int) -> dict[str, bytes]:
    """The files of a mutant, of which one to three changes were made."""
    chance = random.Random(seed)
    changed = dict(files)
    for _ in range(chance.choice(EDITS)):
        name = chance.choice(sorted(changed))
        change = chance.choice(EVERY) if _WORD.search(changed[name]) else _inserted
        changed[name] = change(chance, changed[name])
    return {name: text.encode("utf-8", "surrogatepass") for name, text in changed.items()}


def _lines_swapped(chance: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return text
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _outdented(chance: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    number = chance.randrange(len(lines))
    lines[number] = lines[number].lstrip(" ") if chance.random() < 0.5 else lines[number].removeprefix("  ")
    return "".join(lines)


def _inserted(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(HOSTILE) + text[at:]


def _character(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice("abc01 :{}[]\"'`${}!&*#-\n.,|") + text[at + 1 :]


def _of_data(change: Callable[[random.Random, Any], None]) -> Change:
    """A change of the data of one document of a file; text that is no YAML stays as it is."""

    def changed(chance: random.Random, text: str) -> str:
        try:
            documents = list(yaml.safe_load_all(text))
            chosen = chance.choice(documents) if documents else None
            if not isinstance(chosen, dict | list):
                return text
            change(chance, chosen)
            dumper = WrittenOut if chance.random() < 0.95 else yaml.SafeDumper
            text = yaml.dump_all(documents, Dumper=dumper, sort_keys=False, allow_unicode=True, width=10_000)
        except (yaml.YAMLError, ValueError, IndexError, RecursionError):
            pass
        return text

    return changed


def _spots(data: Any) -> list[tuple[Any, Any]]:
    """Every place of a value: what holds it, and by which key. What holds itself is gone through once."""
    found: list[tuple[Any, Any]] = []
    waiting = [data]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        inside = list(item.items()) if isinstance(item, dict) else list(enumerate(item)) if isinstance(item, list) else []
        found += [(item, key) for key, _ in inside]
        waiting += [below for _, below in inside]
    return found


def _dropped(chance: random.Random, data: Any) -> None:
    holder, key = chance.choice(_spots(data))
    del holder[key]


def _renamed(chance: random.Random, data: Any) -> None:
    holder, key = chance.choice([spot for spot in _spots(data) if isinstance(spot[0], dict)])
    name = str(key)
    at = chance.randrange(len(name) + 1)
    other = chance.choice([name[:at] + name[at + 1 :], name + "x", name.upper(), str(chance.choice(_spots(data))[1]), "", "on", "$each"])
    holder[other] = holder.pop(key)


def _valued(chance: random.Random, data: Any) -> None:
    holder, key = chance.choice(_spots(data))
    holder[key] = chance.choice(VALUES)


def _exchanged(chance: random.Random, data: Any) -> None:
    """Two values change places; one that holds the other takes its value."""
    (one, first), (other, second) = (chance.choice(_spots(data)) for _ in range(2))
    value = other[second]
    if chance.random() < 0.5:
        other[second] = one[first]
    one[first] = value


def _added(chance: random.Random, data: Any) -> None:
    holder, key = chance.choice(_spots(data))
    if isinstance(holder, list):
        holder.insert(key, chance.choice([holder[key], *VALUES]))
    else:
        holder[str(chance.choice(_spots(data))[1])] = chance.choice([holder[key], *VALUES])


def _deep(chance: random.Random, data: Any) -> None:
    holder, key = chance.choice(_spots(data))
    for _ in range(chance.choice([3, 50, 120])):
        holder[key] = {"a": holder[key]} if chance.random() < 0.5 else [holder[key]]


TEXTUAL: tuple[Change, ...] = (*CHANGES, _lines_swapped, _outdented, _inserted, _character)
OF_DATA: tuple[Change, ...] = tuple(map(_of_data, (_dropped, _renamed, _valued, _valued, _exchanged, _added, _deep)))
EVERY: tuple[Change, ...] = (*TEXTUAL, *OF_DATA, *OF_DATA)
