"""Named transforms, compiled once; one may use another, none itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.config.loaded import Parsed
from gateway.config.models import Transform
from gateway.planner import roots
from gateway.planner.compiler import Broken, Compiler
from gateway.planner.references import ReferenceCheck
from gateway.sdk import Compiled, Path

DEEPEST = 16
"""How many transforms may stand inside each other."""


class Transforms(Mapping[str, Compiled]):
    """Compiles each transform the first time it is asked for, so that they may be written in any order.

    `names` are all transforms, those included whose documents are broken: naming one of these is no fault of its own.
    """

    def __init__(self, documents: Mapping[str, Parsed[Transform]], names: frozenset[str], references: ReferenceCheck) -> None:
        self._documents = documents
        self._names = names
        self._references = references
        self._compiled: dict[str, Compiled] = {}
        self._under_way: list[Compiler] = []
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
        self._references.check_plain(compiler, {})
        return compiled

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
