"""Compiling the expressions and templates of documents, with every fault placed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gateway.config.document import Document
from gateway.expressions import (
    ELEMENT_FIELD,
    Evaluated,
    Expression,
    Fault,
    InferredTemplate,
    Template,
    compile_expression,
    compile_template,
)
from gateway.expressions.template_part import Around
from gateway.expressions.template_reader import Spot
from gateway.planner.findings import Findings
from gateway.sdk import Compiled, Function, Path, Place, Reference, Scope


class Broken:
    """Stands for an expression that didn't compile, so that planning goes on; its plan is never used."""

    references: frozenset[Reference] = frozenset()
    constant = True
    source: Any = None

    def __call__(self, scope: Scope, /) -> Any:
        """Null."""
        del scope


class Use(NamedTuple):
    """One expression of a document: where it stands and what it reads. `start` is its offset in the text at `path`."""

    path: Path
    start: int
    compiled: Expression

    def places(self, reference: Reference, document: Document) -> list[Place]:
        """Each place where the last name of `reference` is written."""
        spans = self.compiled.spans.get(reference) or [(0, len(self.compiled.source))]
        return [document.place_in_text(self.path, self.start + start, self.start + end) for start, end in spans]


class Site(NamedTuple):
    """What was compiled at a path. `doubts` are faults, by path below it, that its shapes may yet dispel."""

    compiled: Expression | Template
    authorisation: bool = False
    doubts: tuple[tuple[Path, Fault], ...] = ()


class Compiler:
    """Compiles for one document and remembers every expression it saw, for the checks that follow.

    `uses` are the expressions, those in templates one by one; `sites` is what was compiled as one, by its path; `broken` are the paths
    of expressions that weren't; `shown` is what was inferred of templates, by theirs. `made` gets all that it compiles: what serves
    makes it ready to run.
    """

    def __init__(
        self,
        document: Document,
        findings: Findings,
        *,
        functions: Mapping[str, Function],
        transforms: Mapping[str, Compiled],
        made: list[Evaluated] | None = None,
    ) -> None:
        self.document = document
        self.findings = findings
        self.functions = functions
        self.transforms = transforms
        self.uses: list[Use] = []
        self.sites: dict[Path, Site] = {}
        self.broken: set[Path] = set()
        self.shown: dict[Path, InferredTemplate] = {}
        self._made = [] if made is None else made

    def silent(self) -> Compiler:
        """One that knows what this one compiled, and whose findings nobody reads."""
        other = Compiler(self.document, Findings(), functions=self.functions, transforms=self.transforms)
        other.sites = self.sites
        return other

    def expression(self, text: str, path: Path, roots: frozenset[str], *, authorisation: bool = False) -> Compiled:
        """A bare expression at `path`."""
        compiled, faults = compile_expression(text, roots=roots, authorisation=authorisation, functions=self.functions)
        if not isinstance(compiled, Expression):
            self.findings.faults(self.document, path, faults)
            self.broken.add(path)
            return Broken()
        self.findings.faults(self.document, path, [fault for fault in faults if fault.code != ELEMENT_FIELD])
        self.uses.append(Use(path, 0, compiled))
        self.sites[path] = Site(compiled, authorisation, tuple(((), fault) for fault in faults if fault.code == ELEMENT_FIELD))
        self._made.append(compiled)
        return compiled

    def template(self, value: Any, path: Path, roots: frozenset[str], *, locale: str = "en") -> Compiled:
        """A value in which `${ }` and the reserved keys are evaluated; plurals are held against `locale`'s forms."""
        compiled, faults = compile_template(
            value, roots=roots, functions=self.functions, transforms=self.transforms, locales=frozenset({locale})
        )
        broken = not isinstance(compiled, Template)
        for below, fault in faults:
            if broken or fault.code != ELEMENT_FIELD:
                self.findings.faults(self.document, path + below, [fault])
        if not isinstance(compiled, Template):
            self._use_what_compiles(value, path, roots)
            return Broken()
        self._use_leaves(compiled, path, faults)
        self._made.append(compiled)
        return compiled

    def masked(self, value: Any, roots: frozenset[str], around: Mapping[Spot, Around], *, locale: str = "en") -> Template:
        """A template that was compiled before, once more: with what its values go through as they get into it."""
        compiled, _ = compile_template(
            value, roots=roots, functions=self.functions, transforms=self.transforms, locales=frozenset({locale}), around=around
        )
        if not isinstance(compiled, Template):
            raise TypeError("a template that compiled does so again, with masks")
        self._made.append(compiled)
        return compiled

    def _use_what_compiles(self, value: Any, path: Path, roots: frozenset[str]) -> None:
        """Keeps the parts of a broken template that are sound, so that a fault hides none of their own."""
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        named = value.get("$as") if isinstance(value, dict) else None
        roots = roots - {named} if isinstance(named, str) else roots
        for name, member in members:
            compiled, _ = compile_template(member, roots=roots, functions=self.functions, transforms=self.transforms)
            if isinstance(compiled, Template):
                self._use_leaves(compiled, (*path, name), ())
            else:
                self._use_what_compiles(member, (*path, name), roots)

    def _use_leaves(self, compiled: Template, path: Path, faults: Iterable[tuple[Path, Fault]]) -> None:
        self.sites[path] = Site(compiled, doubts=tuple((below, fault) for below, fault in faults if fault.code == ELEMENT_FIELD))
        self.uses += [Use(path + below, start, leaf) for below, start, _, leaf in compiled.leaves]

    def optional(self, text: str | None, path: Path, roots: frozenset[str], *, authorisation: bool = False) -> Compiled | None:
        """Like `expression`, for a key that may be unset."""
        return None if text is None else self.expression(text, path, roots, authorisation=authorisation)
