"""Collecting problems while planning goes on."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gateway.config.authority import decides_access
from gateway.config.document import Document
from gateway.config.suggest import certain, closest
from gateway.expressions import Fault
from gateway.sdk import Path, Place, Problem, Severity

MOST_COMPARED = 100_000
"""Words looked through for suggestions, so that a folder full of unknown names is still checked in a second or two."""


class Findings:
    """Every problem found so far. Planning never stops at the first.

    Where files are missing (`complete` is false), what is not there may be in them: nothing is said of it.
    """

    def __init__(self, *, complete: bool = True) -> None:
        self._complete = complete
        self.problems: list[Problem] = []
        self._failed: set[Document] = set()
        self._compared = 0

    def failed_in(self, document: Document) -> bool:
        """Whether `document` has an error: what depends on the faulty part is then not to be reported as well."""
        return document in self._failed

    def report(
        self,
        document: Document,
        code: str,
        message: str,
        path: Path,
        *,
        place: Place | None = None,
        key: bool = False,
        hint: str | None = None,
        help: str | None = None,  # noqa: A002 - the word of interfaces §3
        fix: str | None = None,
        severity: Severity = "error",
    ) -> None:
        """Adds a problem at `path` of `document`, or at `place` where that is more exact."""
        where = document.place(path, key=key) if place is None else place
        self._add(document, Problem(code, severity, message, where, path, hint, help, fix))

    def unknown(
        self,
        document: Document,
        code: str,
        what: str,
        name: str,
        *,
        known: Iterable[str],
        path: Path,
        of: str | None = None,
        place: Place | None = None,
        key: bool = False,
    ) -> None:
        """Reports a name that is not there (`of` tells in what), with the nearest that is."""
        message = f"unknown {what} `{name}`" + (f" of `{of}`" if of else "")
        self._unknown(document, Problem(code, "error", message, place or document.place(path, key=key), path), what, name, sorted(known))

    def moved(self, document: Document, path: Path, *, since: int, to: tuple[Document, Path]) -> None:
        """Shows what was reported at `path` of `document`, behind the first `since` problems, where it was asked for instead."""
        place, (asking, at) = document.place(path), to
        for index, problem in enumerate(self.problems[since:], since):
            if problem.place == place and problem.path == path:
                self.problems[index] = msgspec.structs.replace(problem, place=asking.place(at), path=at)
                self._failed.add(asking)

    def _unknown(self, document: Document, problem: Problem, what: str, name: str, names: list[str]) -> None:
        """Adds what is known, and the nearest of it, to a problem."""
        self._compared += len(names)
        near = closest(name, names) if self._compared <= MOST_COMPARED else None
        fix = None if near is None or decides_access(document.data, problem.path, near) else certain(name, near, names)
        hint = f"did you mean `{near}`?" if near else problem.hint
        self._add(document, msgspec.structs.replace(problem, hint=hint, help=_known(what, names), fix=fix))

    def faults(self, document: Document, path: Path, faults: Iterable[Fault]) -> None:
        """Adds the faults of the expression text at `path`. One that marks none of the text is about its key."""
        for fault in faults:
            whole = fault.start == fault.end
            place = document.place(path, key=True) if whole else document.place_in_text(path, fault.start, fault.end)
            problem = Problem(fault.code, fault.severity, fault.message, place, path, fault.hint)
            if fault.code == "GW202":
                self._add(document, _with_root(document, problem, fault))
            elif fault.name is None or fault.known is None:
                self._add(document, problem)
            else:
                self._unknown(document, problem, _KINDS.get(fault.code, "field"), fault.name, sorted(fault.known))

    def _add(self, document: Document, problem: Problem) -> None:
        if self._complete or problem.code not in _OF_OTHER_FILES:
            self.problems.append(problem)
        if problem.severity == "error":
            self._failed.add(document)


_OF_OTHER_FILES = frozenset(
    {"GW214", "GW222", "GW227", "GW232", "GW501", "GW503", "GW504", "GW510", "GW511", "GW512", "GW513", "GW531", "GW532", "GW543"}
)
"""What a file that is missing could make right."""


def _with_root(document: Document, problem: Problem, fault: Fault) -> Problem:
    """The problem of an unknown root, with the path that was meant where its first name was left out."""
    inputs = document.data.get("input")
    names = {"steps": document.data.get("steps"), "input": inputs.get("properties") if isinstance(inputs, dict) else None}
    for root, known in names.items():
        if root in (fault.known or ()) and isinstance(known, dict) and fault.name in known:
            return msgspec.structs.replace(problem, hint=f"did you mean `{root}.{fault.name}`?")
    return problem


_KINDS = {"GW220": "step", "GW265": "value"}
"""What a fault's names are the names of."""


def _known(what: str, names: list[str]) -> str | None:
    if not names:
        return f"there is no {what} here"
    shown = ", ".join(names[:12])
    return f"known here: {shown}{', …' if len(names) > 12 else ''}"
