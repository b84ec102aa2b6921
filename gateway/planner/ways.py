"""The way of classified data from its field to where it leaves: `crm.contact: email → steps.contact → output.mail.to`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.expressions import Expression, Label, Shape, Template
from gateway.expressions.shape import LabelReader
from gateway.planner.compiler import Compiler
from gateway.planner.flows import FOR_EVERYBODY, Flow
from gateway.sdk import Path, Reference

ARROW = " → "
LONGEST = 12
"""Steps that a way is told over."""

_MADE_HERE = frozenset({"let", "join", "output", "return"})
"""Keys of a step below which a value is made of others."""


class Ways:
    """Tells ways through one intent. `steps` are the shapes of its steps."""

    def __init__(self, compiler: Compiler, steps: Mapping[str, Shape]) -> None:
        self._compiler = compiler
        self._steps = steps
        self._labels = LabelReader()

    def of(self, flow: Flow, label: Label) -> tuple[str, ...]:
        """From the field to the place where it leaves, as far as each part is known."""
        end = _told(flow.path, flow.member)
        way = [end]
        reads = list(self._reads(flow.path, flow.member))
        output = next((reference for reference in reads if reference[0] == "output" and self._shows(reference, label)), None)
        if output is not None:
            member = tuple(str(part) for part in output[1:] if isinstance(part, str))
            way.append(_told(("output",), member))
            reads = list(self._reads(("output",), member))
        self._back(way, label, reads)
        return (label.origin, *dict.fromkeys(reversed(way)))

    def _back(self, way: list[str], label: Label, reads: Iterable[Reference]) -> None:
        """Over the steps that hold the label, each made of the one before."""
        seen: set[str] = set()
        while len(way) < LONGEST:
            step = next((name for name in map(_step, reads) if name is not None and name not in seen and self._holds(name, label)), None)
            if step is None:
                return
            seen.add(step)
            way.append(f"steps.{step}")
            reads = [
                reference
                for path in self._compiler.sites
                if path[:2] == ("steps", step) and not _MADE_HERE.isdisjoint(path[2:])
                for reference in sorted(self._compiler.sites[path].compiled.references, key=str)
            ]

    def _holds(self, step: str, label: Label) -> bool:
        return step in self._steps and label in self._labels.of(self._steps[step])

    def _shows(self, reference: Reference, label: Label) -> bool:
        """Whether what is read of the output holds the label."""
        shown = self._compiler.shown.get(("output",))
        at = None if shown is None else shown.shape
        for name in reference[1:]:
            at = None if at is None else at.items if isinstance(name, int) else at.member(name)
        return at is not None and label in self._labels.of(at)

    def _reads(self, path: Path, member: tuple[str, ...]) -> Iterable[Reference]:
        """What is read by the expressions that make a member; by all of them where it can't be told which do."""
        site = self._compiler.sites.get(path)
        if site is None:
            return []
        if isinstance(site.compiled, Expression) or not isinstance(site.compiled, Template):
            return sorted(site.compiled.references, key=str)
        names = tuple(name for name in member if name not in ("[]", "*"))
        leaves = [
            (tuple(part for part in at if isinstance(part, str) and not part.startswith("$")), leaf)
            for at, _, _, leaf in site.compiled.leaves
        ]
        near = [leaf for at, leaf in leaves if at[: len(names)] == names or names[: len(at)] == at]
        return [reference for leaf in near or [leaf for _, leaf in leaves] for reference in sorted(leaf.references, key=str)]


def with_ways(flows: Iterable[Flow], ways: Ways) -> list[Flow]:
    """The same flows; those of classes that need clearance know how they came."""
    return [flow._replace(ways=_of_classes(flow, ways)) if _classes(flow) else flow for flow in flows]


def _classes(flow: Flow) -> set[str]:
    return {label.classification for label in flow.labels} - FOR_EVERYBODY


def _of_classes(flow: Flow, ways: Ways) -> Mapping[str, tuple[str, ...]]:
    first = {label.classification: label for label in sorted(flow.labels, reverse=True)}
    return {name: ways.of(flow, first[name]) for name in _classes(flow)}


def _step(reference: Reference) -> str | None:
    """The step that a path reads."""
    return str(reference[1]) if reference[0] == "steps" and len(reference) > 1 else None


def _told(path: Path, member: tuple[str, ...]) -> str:
    """A place of a document and a member of what stands there, as one path."""
    text = ""
    for part in (*path, *member):
        sign = f"[{part}]" if isinstance(part, int) else part if part == "[]" or not text else f".{part}"
        text += sign
    return text
