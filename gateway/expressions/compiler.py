"""jmespath's syntax tree → one Python function `(scope, budget) -> value`.

Each node becomes a few lines that leave its value in a variable. A node sees only the current value `c` (at the top the scope `s`),
so any of them can move to a function of its own. Comparisons and calls differ by dialect: see `dialect.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from gateway.expressions.syntax import Node
from gateway.expressions.writer import Writer

ROOT = "s"
"""The variable of the whole scope (in strict mode: of the document)."""


class Dialect(Protocol):
    """What differs between the language, its authorisation positions and plain JMESPath. Each writes lines and gives a variable or code."""

    def root_field(self, writer: Writer, name: str) -> str: ...
    def comparison(self, compiler: Compiler, node: Node, current: str) -> str: ...
    def call(self, compiler: Compiler, node: Node, current: str) -> str: ...
    def reference(self, compiler: Compiler, node: Node) -> str: ...


class Compiler:
    """Writes one expression. `measuring`: each value that is built gets measured, because the expression multiplies its data."""

    def __init__(self, writer: Writer, dialect: Dialect, *, measuring: bool) -> None:
        self.writer = writer
        self.measuring = measuring
        self._dialect = dialect
        self._booleans: set[str] = set()

    def value(self, node: Node, current: str) -> str:
        """Writes what computes a node; gives the variable or constant that holds it."""
        if self.writer.deep and node["children"]:
            return self.apart(lambda inside: self._written(node, inside), current)
        return self._written(node, current)

    def apart(self, write: Callable[[str], str], current: str) -> str:
        """Writes into a function of its own, and the call of it."""
        inside = ROOT if current == ROOT else "c"
        name = self.writer.function(lambda: write(inside))
        return self.writer.assign(f"{name}({current}, s, b)")

    def test(self, variable: str) -> str:
        """Code that tells whether a variable is true, as JMESPath has it."""
        if variable in self._booleans:
            return variable
        return f"({variable} or {variable}.__class__ is int or {variable}.__class__ is float)"

    def boolean(self, code: str) -> str:
        """A variable that is known to hold a boolean (or null)."""
        variable = self.writer.assign(code)
        self._booleans.add(variable)
        return variable

    def built(self, code: str) -> str:
        """A variable with a new list or object."""
        return self.writer.assign(f"measured({code}, b)" if self.measuring else code)

    def _written(self, node: Node, current: str) -> str:
        written: str = getattr(self, f"_{node['type']}")(node, current)
        return written

    def _field(self, node: Node, current: str) -> str:
        name = self.writer.constant(node["value"])
        if current == ROOT:
            return self._dialect.root_field(self.writer, name)
        return self.writer.assign(f"{current}.get({name}) if {current}.__class__ is dict else field({current}, {name})")

    def _chain(self, node: Node, current: str) -> str:
        for child in node["children"]:
            current = self.value(child, current)
        return current

    _subexpression = _index_expression = _pipe = _chain

    def _current(self, _: Node, current: str) -> str:
        return current

    _identity = _current

    def _literal(self, node: Node, _: str) -> str:
        name = self.writer.constant(node["value"])
        if isinstance(node["value"], bool):
            self._booleans.add(name)
        return name

    def _index(self, node: Node, current: str) -> str:
        place = self.writer.constant(node["value"])
        least = node["value"] + 1 if node["value"] >= 0 else -node["value"]
        enough = self.writer.constant(least)
        return self.writer.assign(f"{current}[{place}] if isinstance({current}, list) and len({current}) >= {enough} else None")

    def _slice(self, node: Node, current: str) -> str:
        stretch = self.writer.constant(slice(*node["children"]))
        return self.writer.assign(f"{current}[{stretch}] if isinstance({current}, list) else None")

    def _comparator(self, node: Node, current: str) -> str:
        return self._dialect.comparison(self, node, current)

    def _function_expression(self, node: Node, current: str) -> str:
        return self._dialect.call(self, node, current)

    def _expref(self, node: Node, _: str) -> str:
        return self._dialect.reference(self, node)

    def _not_expression(self, node: Node, current: str) -> str:
        return self.boolean(f"not {self.test(self.value(node['children'][0], current))}")

    def _or_expression(self, node: Node, current: str) -> str:
        return self._either(node, current, "not ")

    def _and_expression(self, node: Node, current: str) -> str:
        return self._either(node, current, "")

    def _either(self, node: Node, current: str, negated: str) -> str:
        left, right = node["children"]
        first = self.value(left, current)
        result = self.writer.assign(first)
        with self.writer.block(f"if {negated}{self.test(first)}"):
            second = self.value(right, current)
            self.writer.line(f"{result} = {second}")
        if first in self._booleans and second in self._booleans:
            self._booleans.add(result)
        return result

    def _multi_select_list(self, node: Node, current: str) -> str:
        return self._unless_null(current, lambda: f"[{', '.join(self.value(child, current) for child in node['children'])}]")

    def _multi_select_dict(self, node: Node, current: str) -> str:
        def display() -> str:
            pairs = [(self.writer.constant(child["value"]), self.value(child["children"][0], current)) for child in node["children"]]
            return f"{{{', '.join(f'{name}: {value}' for name, value in pairs)}}}"

        return self._unless_null(current, display)

    def _unless_null(self, current: str, display: Callable[[], str]) -> str:
        result = self.writer.assign("None")
        with self.writer.block(f"if {current} is not None"):
            self.writer.line(f"{result} = {self.built(display())}")
        return result

    def _flatten(self, node: Node, current: str) -> str:
        inner = self.value(node["children"][0], current)
        return self.writer.assign(f"flat({inner}, b) if isinstance({inner}, list) else None")

    def _projection(self, node: Node, current: str) -> str:
        left, right = node["children"]
        base = self.value(left, current)
        return self._collected(base, f"isinstance({base}, list)", base, right, None)

    def _value_projection(self, node: Node, current: str) -> str:
        left, right = node["children"]
        base = self.value(left, current)
        return self._collected(base, f"isinstance({base}, Mapping)", f"{base}.values()", right, None)

    def _filter_projection(self, node: Node, current: str) -> str:
        left, right, condition = node["children"]
        base = self.value(left, current)
        return self._collected(base, f"isinstance({base}, list)", base, right, condition)

    def _collected(self, base: str, fits: str, items: str, each: Node, condition: Node | None) -> str:
        """A loop over `items` that keeps what is not null."""
        result = self.writer.assign("None")
        item = self.writer.loop_variable()
        with self.writer.block(f"if {fits}"):
            self.writer.line(f"spend_steps(b, len({base}))")
            self.writer.line(f"{result} = []")
            with self.writer.block(f"for {item} in {items}"):
                if condition is None:
                    self._keep(result, each, item)
                else:
                    with self.writer.block(f"if {self.test(self.value(condition, item))}"):
                        self._keep(result, each, item)
            if self.measuring:
                self.writer.line(f"measured({result}, b)")
        return result

    def _keep(self, result: str, each: Node, item: str) -> None:
        kept = self.value(each, item)
        with self.writer.block(f"if {kept} is not None"):
            self.writer.line(f"{result}.append({kept})")


def compiled(text: str, tree: Node, dialect: Dialect, names: Mapping[str, Any], *, measuring: bool) -> Callable[[Any, list[int]], Any]:
    """The function of a tree: `(scope, budget) -> value`."""
    writer = Writer(names)
    compiler = Compiler(writer, dialect, measuring=measuring)
    return writer.finish(writer.function(lambda: compiler.value(tree, ROOT), "s, b"), text)
