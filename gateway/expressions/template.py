"""A YAML value in which `${ }` and the reserved keys are evaluated (language §2.1–§2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from gateway.expressions.expression import ELEMENT_FIELD, ENGLISH, NO_FUNCTIONS, Evaluated
from gateway.expressions.faults import Fault
from gateway.expressions.template_part import Around, Part, Run
from gateway.expressions.template_reader import Leaf, Reader, Spot
from gateway.sdk import Compiled, Function, Path, Reference

NO_TRANSFORMS: Mapping[str, Compiled] = MappingProxyType({})
AS_THEY_ARE: Mapping[Spot, Around] = MappingProxyType({})


class Template(Evaluated):
    """A compiled template: call it with a scope. `constant`: it reads nothing and always gives the same.

    `leaves` are its expressions, those of `$each`, `$where`, `$limit` and `$if` among them: (path in the value, start and end of the
    expression in the text there, the `Expression`, whose own offsets count from that start).
    `run` is the bare function for callers that share a budget.
    """

    __slots__ = ("constant", "leaves", "references", "source")

    def __init__(self, source: Any, part: Part, leaves: tuple[Leaf, ...]) -> None:
        self.source = source
        self._make = partial(_runnable, part, leaves)
        self.references: frozenset[Reference] = part.references
        self.constant = not part.references
        self.leaves = leaves


def _runnable(part: Part, leaves: tuple[Leaf, ...]) -> Run:
    """The leaves first: a deep one at the bottom of a deep template would need both their stacks at once."""
    for *_, leaf in leaves:
        leaf.ready()
    return part.make()


def compile_template(
    value: Any,
    *,
    roots: frozenset[str],
    functions: Mapping[str, Function] = NO_FUNCTIONS,
    transforms: Mapping[str, Compiled] = NO_TRANSFORMS,
    locales: frozenset[str] = ENGLISH,
    around: Mapping[Spot, Around] = AS_THEY_ARE,
) -> tuple[Compiled | None, list[tuple[Path, Fault]]]:
    """Compiles a value. Never raises: each fault comes with the path of its leaf in the value and offsets in that leaf's text.

    An error GW208 alone leaves the template usable, as in `compile_expression`. `around` are what values go through that get into it.
    """
    reader = Reader(functions, transforms, locales, around)
    part = reader.read(value, (), roots)
    if any(fault.severity == "error" and fault.code != ELEMENT_FIELD for _, fault in reader.faults):
        return None, reader.faults
    return Template(value, part, tuple(reader.leaves)), reader.faults
