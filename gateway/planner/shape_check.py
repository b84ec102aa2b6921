"""Every expression of a document, held against the shapes of what it reads (language §2 "Static check")."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from gateway.expressions import Expression, Fault, Template, TransformShape, Typing, certain_where, infer, infer_template, misfit
from gateway.expressions.field_patterns import FieldPatterns
from gateway.expressions.marked_shape import MarkedRoots
from gateway.expressions.narrowing import NONE_CERTAIN, Certain
from gateway.expressions.shape import ANY, Shape
from gateway.planner.compiler import Compiler, Site
from gateway.planner.plain_paths import plain_paths
from gateway.sdk import Path

MAYBE_NULL = "GW266"


class ShapeCheck:
    """Infers what was compiled for one document, and reports what is wrong with it. Each place is looked at once.

    What is read by a name that `fields` have a pattern for is marked.
    """

    def __init__(self, compiler: Compiler, transforms: Mapping[str, TransformShape], fields: FieldPatterns | None = None) -> None:
        self._compiler = compiler
        self._transforms = transforms
        self._fields = fields
        self._seen: set[Path] = set()
        self._unsure: list[Path] = []

    def expression(self, path: Path, typing: Typing) -> Shape:
        """The shape of the expression at `path`; `ANY` where none was written, or something is wrong with it."""
        site = self._site(path)
        if site is None or not isinstance(site.compiled, Expression):
            return ANY
        found = infer(site.compiled.source, site.compiled.ast, self._marked(typing), authorisation=site.authorisation)
        told = self._tell_doubts(path, site, {((), head) for head in found.element_fields})
        self._tell(path, told, (((), fault) for fault in found.faults))
        return ANY if told or _failed(found.faults) else found.shape

    def condition(self, path: Path, typing: Typing) -> Certain:
        """The expression at `path`, and what can't be null where it holds."""
        problems = self._compiler.findings.problems
        before = len(problems)
        self.expression(path, typing)
        site = self._compiler.sites.get(path)
        if any(problem.severity == "error" for problem in problems[before:]) or path in self._compiler.broken:
            self._unsure.append(path[:1] if path[0] == "reply" else path[:-1])
        return NONE_CERTAIN if site is None or not isinstance(site.compiled, Expression) else certain_where(site.compiled.ast)

    def failing(self, path: Path) -> Certain:
        """What can't be null where the condition at `path` doesn't hold."""
        site = self._compiler.sites.get(path)
        if site is None or not isinstance(site.compiled, Expression):
            return NONE_CERTAIN
        return certain_where(site.compiled.ast, holds=False)

    def template(self, path: Path, typing: Typing) -> Shape:
        """The shape of the template at `path`. Of a broken one the sound parts are looked at, and nothing is known."""
        site = self._site(path)
        if site is None:
            for below in [other for other in self._compiler.sites if other[: len(path)] == path and other not in self._seen]:
                self.template(below, typing)
            return ANY
        if not isinstance(site.compiled, Template):
            return self.expression(path, typing)
        found = infer_template(site.compiled, Typing(self._marked(typing).roots, typing.certain, self._transforms))
        self._compiler.shown[path] = found
        self._tell_plain_paths(path, site.compiled, typing)
        self._tell(path, self._tell_doubts(path, site, found.element_fields), found.faults)
        return found.shape

    def members(self, path: Path, typing: Typing) -> dict[str, Shape]:
        """The shapes of the members of the template at `path`."""
        shape = self.template(path, typing)
        return {name: member for name in shape.names if (member := shape.member(name)) is not None}

    def transformed(self, name: str, given: Shape, path: Path) -> Shape:
        """What the transform that `path` names makes of a shape."""
        if name not in self._transforms:
            return ANY
        shape, faults = self._transforms[name](given)
        self._compiler.findings.faults(self._compiler.document, path, [misfit(name, fault) for fault in faults])
        return shape

    def rest(self, typing: Callable[[Path], Typing]) -> None:
        """Whatever of the document wasn't looked at yet; `typing` tells for a path what is known there."""
        for path in [path for path in self._compiler.sites if path not in self._seen]:
            self.template(path, typing(path))

    def _marked(self, typing: Typing) -> Typing:
        if self._fields is None:
            return typing
        return Typing(MarkedRoots(typing.roots, self._fields), typing.certain, typing.transforms)

    def _site(self, path: Path) -> Site | None:
        self._seen.add(path)
        return self._compiler.sites.get(path)

    def _tell_doubts(self, path: Path, site: Site, element_fields: Iterable[tuple[Path, int]]) -> set[tuple[Path, int]]:
        """A root's name inside a filter is right where the element has such a field; where it hasn't, its place is given back."""
        dispelled = set(element_fields) if site.doubts else ()
        told = [(below, fault) for below, fault in site.doubts if (below, fault.start) not in dispelled]
        self._tell(path, (), told)
        return {(below, fault.start) for below, fault in told}

    def _tell_plain_paths(self, path: Path, template: Template, typing: Typing) -> None:
        """Not in parts of a broken `$each`, `$if` or `$use`: what is an expression there can't be told."""
        for below, text in plain_paths(template.source, typing.roots):
            if any(isinstance(part, str) and part.startswith("$") for part in path):
                return
            hint = f"write `${{ {text} }}`; for the text itself `{{$literal: {text}}}`"
            self._compiler.findings.report(
                self._compiler.document,
                "GW260",
                f"this is the text `{text}`, and not its value",
                path + below,
                hint=hint,
                severity="warning",
            )

    def _tell(self, path: Path, known: Collection[tuple[Path, int]], faults: Iterable[tuple[Path, Fault]]) -> None:
        """Of a place where something is told already, nothing more is; nor of null where a broken condition may rule it out."""
        unsure = any(path[: len(above)] == above for above in self._unsure)
        for below, fault in faults:
            if (below, fault.start) not in known and not (unsure and fault.code == MAYBE_NULL):
                self._compiler.findings.faults(self._compiler.document, path + below, [fault])


def _failed(faults: Iterable[Fault]) -> bool:
    return any(fault.severity == "error" for fault in faults)
