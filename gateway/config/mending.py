"""`check --fix`: carries out the fixes that are certain and prove right (language §1).

A fix is certain where the checks say so (`Problem.fix`), and nothing that decides who may do what has one. Each is tried on
a copy in memory before any file is touched. It is kept where afterwards its problem is gone and no error is there that was not
there before. While documents are mended that could not be loaded at all, errors that only planning finds may come to light:
they were there before, unseen, and count against no fix.

Files are changed at the exact place only, each with one rename, all of them or, where one has changed since it was checked, none.
A file that is reached through a link is left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gateway.config.atomic_files import ChangedMeanwhile, read_in_place, replace_all
from gateway.config.edits import edited, lines_of
from gateway.config.replacement import Replacement, replacement
from gateway.sdk.problem import Path as DataPath
from gateway.sdk.problem import Place, Problem

MOST_CHECKS = 60
_FIRST_OF_PLANNING = 200

Contents = Mapping[str, bytes]
Check = Callable[[Contents], Sequence[Problem]]
Name = tuple[str, str, DataPath, str]
"""What a problem is known by from one check to the next, wherever it has moved to: code, file, path and message."""


class Mended(NamedTuple):
    """What was changed, at the places of the files before; or why nothing could be written."""

    replacements: tuple[Replacement, ...]
    refused: str | None = None


def mend(folder: Path, check: Check) -> Mended:
    """Mends the files of `folder`. `check` gives every problem, with the given contents in place of those of the files."""
    attempt = _Attempt(folder, check)
    attempt.run()
    changed = {file: content for file, content in attempt.contents.items() if content != attempt.originals[file]}
    try:
        replace_all(folder, attempt.originals, changed)
    except (ChangedMeanwhile, OSError) as fault:
        return Mended((), f"nothing was written: {fault}")
    return Mended(tuple(sorted(attempt.done, key=_where)))


class _Attempt:
    """The contents so far, all fixes in them proven; `problems` are those of `contents`, `originals` what stands in the files."""

    def __init__(self, folder: Path, check: Check) -> None:
        self._folder = folder
        self._check = check
        self._checks_left = MOST_CHECKS
        self._tried: set[Name] = set()
        self._seen: set[str] = set()
        self.originals: dict[str, bytes] = {}
        self.contents: dict[str, bytes] = {}
        self.problems = check({})
        self.done: list[Replacement] = []

    def run(self) -> None:
        """First what keeps documents from being loaded, then what planning found in those that are."""
        for planning in (False, True):
            while names := [name for name in self._open() if _is_of_planning(name[0]) == planning]:
                self._tried.update(names)
                self._keep_what_proves_right(names, planning=planning)

    def _open(self) -> list[Name]:
        """Problems with a fix that was not tried yet. Files that come into play are read, and checked as they were read."""
        new = {problem.place.file for problem in self.problems if problem.fix is not None} - self._seen
        self._seen |= new
        read = {file: content for file in sorted(new) if (content := read_in_place(self._folder, file)) is not None}
        if read:
            self.originals |= read
            self.contents |= read
            self.problems = self._check(self.contents)
        return list(dict.fromkeys(name for name in self._by_name() if name not in self._tried))

    def _by_name(self) -> dict[Name, list[Replacement]]:
        """All changes that are possible now. A problem that shows at several places is mended at all of them or none."""
        found: dict[Name, list[Replacement]] = {}
        lines = {file: lines_of(content) for file, content in self.contents.items()}
        for problem in self.problems:
            place = problem.place
            there = lines.get(place.file, [])
            change = replacement(problem, there[place.line - 1] if 0 < place.line <= len(there) else None)
            if change is not None:
                found.setdefault(_name(problem), []).append(change)
        return found

    def _keep_what_proves_right(self, names: Sequence[Name], *, planning: bool) -> None:
        """Tries all at once; where that makes anything worse, each half by itself."""
        possible = self._by_name()
        changes = _apart(change for name in names for change in possible.get(name, ()))
        if not changes or self._checks_left == 0:
            return
        self._checks_left -= 1
        contents = {file: edited(content, (each for each in changes if each.place.file == file)) for file, content in self.contents.items()}
        after = self._check(contents)
        if _proves_right(names, self.problems, after, planning=planning):
            self.done += [_at_first(change, self.done) for change in changes]
            self.contents, self.problems = contents, after
        elif len(names) > 1:
            middle = len(names) // 2
            self._keep_what_proves_right(names[:middle], planning=planning)
            self._keep_what_proves_right(names[middle:], planning=planning)


def _apart(changes: Iterable[Replacement]) -> list[Replacement]:
    """The changes in the order of the text, without those that begin inside another."""
    kept: list[Replacement] = []
    for change in sorted(set(changes), key=_where):
        last = kept[-1].place if kept else None
        if last is None or (last.file, last.line) != (change.place.file, change.place.line) or last.end <= change.place.column:
            kept.append(change)
    return kept


def _at_first(change: Replacement, done: Iterable[Replacement]) -> Replacement:
    """The change at the place where it would have been before those already done."""
    place, shift = change.place, 0
    for other in sorted(done, key=_where):
        if (other.place.file, other.place.line) == (place.file, place.line) and other.place.column + shift < place.column:
            shift += len(other.new) - len(other.old)
    return change._replace(place=Place(place.file, place.line, place.column - shift, place.end - shift))


def _where(change: Replacement) -> tuple[str, int, int]:
    return change.place.file, change.place.line, change.place.column


def _name(problem: Problem) -> Name:
    return problem.code, problem.place.file, problem.path, problem.message


def _proves_right(names: Sequence[Name], before: Sequence[Problem], after: Sequence[Problem], *, planning: bool) -> bool:
    left = {_name(problem) for problem in after}
    new = _errors(after) - _errors(before)
    return not left & set(names) and not any(planning or not _is_of_planning(code) for code, _, _ in new)


def _is_of_planning(code: str) -> bool:
    """Whether a problem is found only in documents that could be loaded: references, budgets, environment, policies."""
    return int(code.removeprefix("GW")) >= _FIRST_OF_PLANNING


def _errors(problems: Iterable[Problem]) -> Counter[tuple[str, str, str]]:
    """Errors by what they say; their path changes with every key that is mended above them."""
    return Counter((problem.code, problem.place.file, problem.message) for problem in problems if problem.severity == "error")
