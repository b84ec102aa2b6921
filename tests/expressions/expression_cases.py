"""Generated expressions that mostly make sense: their paths follow known shapes, and functions get arguments that they may take."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from gateway.expressions.builtin import Builtin
from gateway.expressions.functions import BUILTINS, LAZY
from gateway.expressions.shape import ANY, Shape, members_of
from gateway.expressions.signatures import SIGNATURES
from tests.expressions.shape_cases import NAMES, WORDS

LITERALS = (
    *(f"'{word}'" for word in WORDS),
    "'a'",
    *(f"`{json.dumps(value)}`" for value in (1, 0, 2.5, True, False, None, ["a", 1], {"a": 1})),
)
FIXED: Mapping[tuple[str, int], tuple[str, ...]] = {
    ("matches", 1): ("'a'", "'^[A-Z]'"),
    ("mask", 1): ("'partial'", "'last4'", "'hash'", "'remove'"),
    ("money", 1): ("'EUR'",),
    ("format_date", 1): ("'d MMMM y'", "'long'"),
    ("date_add", 2): ("'day'", "'months'"),
    ("date_diff", 2): ("'day'",),
    ("pick", 1): ("['a', 'b']", "['a']", '`["b", "c"]`', "if(`true`, ['a'], ['b', 'c'])"),
    ("omit", 1): ("['a', 'b']", "['d']", "if(`false`, ['a'], ['b'])"),
    ("round", 1): ("`1`",),
    ("split", 1): ("'a'", "''"),
    ("pad", 2): ("'0'",),
    ("range", 0): ("`3`",),
}


class Path(NamedTuple):
    """A path, and the shape at its end."""

    text: str
    shape: Shape


class ExpressionMaker:
    """Makes expressions over `roots`. Inside a projection, `element` is what names are read from instead."""

    def __init__(self, random: Random, roots: Mapping[str, Shape]) -> None:
        self._random = random
        self._roots = roots

    def expression(self, depth: int = 3, element: Shape | None = None) -> str:
        """Any expression."""
        if depth <= 0:
            return self._random.choice([self.path(element).text, self.path(element).text, self._random.choice(LITERALS)])
        makers: list[Callable[[int, Shape | None], str]] = [self._call] * 4 + [self._projection] * 4 + [self._logic] * 2
        makers += [self._comparison, self._piped, self._object, self._list, self._negation, self._choice]
        return self._random.choice(makers)(depth, element)

    def path(self, element: Shape | None, *, wanted: frozenset[str] | None = None) -> Path:
        """A path; where it can be found, one to a value of a kind that is wanted."""
        found = self._walk(element)
        for _ in range(6):
            if wanted is None or not wanted.isdisjoint(found.shape.kinds):
                break
            found = self._walk(element)
        return found

    def _walk(self, element: Shape | None) -> Path:
        if element is None:
            root = self._random.choice(sorted(self._roots))
            at = Path(root, self._roots[root])
        else:
            at = Path("@", element)
        while self._random.random() < 0.75:
            step = self._step(at)
            if step is None:
                break
            at = step
        return at

    def _step(self, at: Path) -> Path | None:
        shape = at.shape
        if shape.may_be("array") and shape.known and self._random.random() < 0.7:
            place = self._random.choice([0, 0, 1, -1])
            return Path(f"{at.text}[{place}]", shape.items)
        if not shape.may_be("object") or not shape.names:
            return None
        name = self._random.choice(shape.names if self._random.random() < 0.95 else NAMES)
        return Path(name if at.text == "@" else f"{at.text}.{name}", shape.member(name) or ANY)

    def _projection(self, depth: int, element: Shape | None) -> str:
        if self._random.random() < 0.2:
            base = self.path(element, wanted=frozenset({"object"}))
            return f"{base.text}.*{self._each(depth, members_of(base.shape))}"
        base = self.path(element, wanted=frozenset({"array"}))
        items = base.shape.items
        kind = self._random.choice(["[*]", "[*]", "[]", "[:2]", "[::-1]", "[?]", "[?]"])
        written = f"[?{self.expression(depth - 1, items)}]" if kind == "[?]" else kind
        return f"{base.text}{written}{self._each(depth, items.items if kind == '[]' and items.only('array') else items)}"

    def _each(self, depth: int, items: Shape) -> str:
        kind = self._random.random()
        if kind < 0.3:
            return ""
        if kind < 0.6:
            path = self._walk(items).text
            return "" if path == "@" else path if path.startswith("@[") is False and path[0] == "[" else f".{path}".replace(".@[", "[")
        parts = [self.expression(depth - 2, items) for _ in range(2)]
        return f".{{a: {parts[0]}, b: {parts[1]}}}" if kind < 0.8 else f".[{', '.join(parts)}]"

    def _call(self, depth: int, element: Shape | None) -> str:
        name = self._random.choice(sorted(BUILTINS))
        builtin = BUILTINS[name]
        most = builtin.maximum if builtin.maximum is not None else builtin.minimum + 1
        count = self._random.randint(builtin.minimum, most)
        items = self._argument(name, 1 - builtin.by, depth, element) if builtin.by is not None else Path("", ANY)
        arguments = [self._given(builtin, position, items, depth, element) for position in range(count)]
        return f"{name}({', '.join(arguments)})"

    def _given(self, builtin: Builtin, position: int, items: Path, depth: int, element: Shape | None) -> str:
        if builtin.by == position:
            return f"&{self.expression(depth - 2, items.shape.items)}"
        if builtin.by is not None:
            return items.text
        if builtin.name == "plural" and position == 1:
            return f"{{one: {self.expression(0, element)}, other: {self.expression(0, element)}}}"
        return self._argument(builtin.name, position, depth, element).text

    def _argument(self, name: str, position: int, depth: int, element: Shape | None) -> Path:
        fixed = FIXED.get((name, position))
        if fixed is not None:
            return Path(self._random.choice(fixed), ANY)
        if self._random.random() < 0.25 and name not in ("index_by", "group_by", "sort_by", "max_by", "min_by", "uniq_by", "map"):
            return Path(self.expression(depth - 1, element), ANY)
        return self.path(element, wanted=frozenset[str](SIGNATURES[name].taken(position)))

    def _choice(self, depth: int, element: Shape | None) -> str:
        name = self._random.choice(sorted(LAZY))
        arguments = [self.expression(depth - 1, element) for _ in range(3 if name == "if" else 2)]
        return f"{name}({', '.join(arguments)})"

    def _logic(self, depth: int, element: Shape | None) -> str:
        sides = [self.expression(depth - 1, element) for _ in range(2)]
        return f"({sides[0]} {self._random.choice(['||', '&&'])} {sides[1]})"

    def _comparison(self, depth: int, element: Shape | None) -> str:
        operator = self._random.choice(["==", "!=", "<", "<=", ">", ">="])
        left = self.path(element).text if self._random.random() < 0.7 else self.expression(depth - 1, element)
        return f"({left} {operator} {self.expression(0, element)})"

    def _piped(self, depth: int, element: Shape | None) -> str:
        behind = self._random.choice(
            ["[0]", "[*].a", "@", "length(@)", "a", "{a: @, b: a}", "[?a]", "[@, @]", "to_array(@)", "b[]", "values(@)"]
        )
        return f"({self.expression(depth - 1, element)} | {behind})"

    def _object(self, depth: int, element: Shape | None) -> str:
        return f"{{a: {self.expression(depth - 1, element)}, b: {self.expression(depth - 1, element)}}}"

    def _list(self, depth: int, element: Shape | None) -> str:
        return f"[{self.expression(depth - 1, element)}, {self.expression(depth - 1, element)}]"

    def _negation(self, depth: int, element: Shape | None) -> str:
        return f"!({self.expression(depth - 1, element)})"
