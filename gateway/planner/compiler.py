"""Compiling the expressions and templates of documents, with every fault placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gateway.config.document import Document
from gateway.expressions import compile_expression, compile_template
from gateway.planner.findings import Findings
from gateway.sdk import Compiled, Function, Path, Reference, Scope


class Broken:
    """Stands for an expression that didn't compile, so that planning goes on; its plan is never used."""

    references: frozenset[Reference] = frozenset()
    constant = True
    source: Any = None

    def __call__(self, scope: Scope, /) -> Any:
        """Null."""
        del scope


class Use(NamedTuple):
    """One expression of a document: where it stands and what it reads. `start` and `end` are offsets in the text at `path`."""

    path: Path
    start: int
    end: int
    compiled: Compiled


class Compiler:
    """Compiles for one document and remembers every expression it saw, for the checks that follow."""

    def __init__(
        self, document: Document, findings: Findings, *, functions: Mapping[str, Function], transforms: Mapping[str, Compiled]
    ) -> None:
        self.document = document
        self.findings = findings
        self.functions = functions
        self.transforms = transforms
        self.uses: list[Use] = []

    def expression(self, text: str, path: Path, roots: frozenset[str], *, authorisation: bool = False) -> Compiled:
        """A bare expression at `path`."""
        compiled, faults = compile_expression(text, roots=roots, authorisation=authorisation, functions=self.functions)
        self.findings.faults(self.document, path, faults)
        if compiled is None:
            return Broken()
        self.uses.append(Use(path, 0, len(text), compiled))
        return compiled

    def template(self, value: Any, path: Path, roots: frozenset[str], *, locale: str = "en") -> Compiled:
        """A value in which `${ }` and the reserved keys are evaluated; plurals are held against `locale`'s forms."""
        compiled, faults = compile_template(
            value, roots=roots, functions=self.functions, transforms=self.transforms, locales=frozenset({locale})
        )
        for below, fault in faults:
            self.findings.faults(self.document, path + below, [fault])
        if compiled is None:
            return Broken()
        self.uses += _leaves(compiled, path)
        return compiled

    def optional(self, text: str | None, path: Path, roots: frozenset[str], *, authorisation: bool = False) -> Compiled | None:
        """Like `expression`, for a key that may be unset."""
        return None if text is None else self.expression(text, path, roots, authorisation=authorisation)


def _leaves(compiled: Any, path: Path) -> Iterator[Use]:
    for below, start, end, leaf in compiled.leaves:
        yield Use(path + below, start, end, leaf)
