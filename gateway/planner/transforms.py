"""Named transforms, compiled once; one may use another, none itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import partial
from typing import Any

from gateway.config.loaded import Parsed
from gateway.config.models import Transform
from gateway.expressions import Fault, Shape, Template, TransformShape, Typing, infer_template
from gateway.expressions.shape import ANY, every_label, labelled
from gateway.planner import roots
from gateway.planner.compiler import Broken, Compiler
from gateway.planner.shape_check import ShapeCheck
from gateway.sdk import Compiled, Path

DEEPEST = 16
"""How many transforms may stand inside each other."""
MOST_OF_ONE = 300
"""How many further uses are followed that one use leads to: each of 16 that uses the next one twice would be a million."""
MOST = 20_000
"""How many are followed at all."""

Made = tuple[Shape, list[Fault]]
"""What a transform makes of a shape, and what is wrong with that."""


class Transforms(Mapping[str, Compiled]):
    """Compiles each transform the first time it is asked for, so that they may be written in any order.

    `names` are all transforms, those included whose documents are broken: naming one of these is no fault of its own.
    """

    def __init__(self, documents: Mapping[str, Parsed[Transform]], names: frozenset[str], config: Shape) -> None:
        self._documents = documents
        self._names = names
        self._config = config
        self._compiled: dict[str, Compiled] = {}
        self._under_way: list[Compiler] = []
        self._checks: dict[str, ShapeCheck] = {}
        self._inferring: list[str] = []
        self._faults: dict[str, list[Fault]] = {}
        self._made: dict[Hashable, Made] = {}
        self._followed = 0
        self._follow_until = 0
        self.shapes: Mapping[str, TransformShape] = {name: partial(self._shape, name) for name in sorted(names)}
        self._compiler_for: Callable[[Parsed[Any]], Compiler] | None = None

    def compile_all(self, compiler_for: Callable[[Parsed[Any]], Compiler]) -> None:
        """Compiles every transform, used or not."""
        self._compiler_for = compiler_for
        for name in self._documents:
            self[name]

    def __getitem__(self, name: str) -> Compiled:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._compiled and len(self._under_way) > DEEPEST:
            self._report(name, f"more than {DEEPEST} transforms stand inside each other")
            return Broken()
        if name not in self._compiled:
            self._compiled[name] = Broken()  # what one finds that leads back to itself
            if name in self._documents:
                self._compiled[name] = self._compile(self._documents[name])
        elif name in self._names_under_way():
            names = self._names_under_way()
            circle = " → ".join([*names[names.index(name) :], name])
            self._report(name, f"transforms use each other in a circle: {circle}")
        return self._compiled[name]

    def _compile(self, parsed: Parsed[Transform]) -> Compiled:
        if self._compiler_for is None:
            raise RuntimeError("`compile_all` comes first")
        compiler = self._compiler_for(parsed)
        self._under_way.append(compiler)
        compiled = compiler.template(parsed.model.output, ("output",), roots.TRANSFORM)
        self._under_way.pop()
        self._checks[parsed.name] = ShapeCheck(compiler, self.shapes)
        return compiled

    def check_shapes(self) -> None:
        """Holds each transform against what is known without what it is given."""
        for check in self._checks.values():
            check.rest(lambda _: Typing({"value": ANY, "config": self._config}))

    def _shape(self, name: str, given: Shape) -> Made:
        """What a transform makes of a shape, and what of that is wrong only because of this shape."""
        if not self._inferring:
            self._follow_until = min(self._followed + MOST_OF_ONE, MOST)
        shape, faults = self._inferred(name, given)
        return shape, [fault for fault in faults if fault not in self._own_faults(name)] if faults else []

    def _own_faults(self, name: str) -> list[Fault]:
        """What is wrong with it whatever it is given: that is told at its own place."""
        if name not in self._faults:
            self._faults[name] = self._inferred(name, ANY)[1]
        return self._faults[name]

    def _inferred(self, name: str, given: Shape) -> Made:
        """What is made of equal shapes is inferred once. Of what isn't followed nothing is known but the classes that went in."""
        mark = (name, _mark(given))
        if mark in self._made:
            return self._made[mark]
        compiled = self._compiled.get(name)
        leads_on = name not in self._inferring and len(self._inferring) <= DEEPEST and self._followed < self._follow_until
        if not isinstance(compiled, Template) or not leads_on:
            return labelled(ANY, every_label(given)), []
        self._followed += 1
        self._inferring.append(name)
        found = infer_template(compiled, Typing({"value": given, "config": self._config}, transforms=self.shapes))
        self._inferring.pop()
        self._made[mark] = found.shape, [fault for _, fault in found.faults if fault.severity == "error"]
        return self._made[mark]

    def _names_under_way(self) -> list[str]:
        return [compiler.document.data["transform"] for compiler in self._under_way]

    def _report(self, name: str, message: str) -> None:
        """Tells it wherever the transform that is compiled now uses `name`."""
        compiler = self._under_way[-1]
        for path in _uses(compiler.document.data["output"], name, ("output",)):
            compiler.findings.report(compiler.document, "GW237", message, path)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)


def _mark(shape: Shape) -> Hashable:
    """Equal for shapes that are the same, as far as that is told without looking into them."""
    inside = None if shape.inside is None else shape.inside.key
    return (shape.kinds, shape.values, shape.whole, shape.declared, shape.labels, inside)


def _uses(template: Any, name: str, path: Path) -> Iterator[Path]:
    """Where a template uses the transform `name`."""
    if isinstance(template, dict):
        if template.get("$use") == name:
            yield (*path, "$use")
        for key, member in template.items():
            yield from _uses(member, name, (*path, key))
    elif isinstance(template, list):
        for index, member in enumerate(template):
            yield from _uses(member, name, (*path, index))
