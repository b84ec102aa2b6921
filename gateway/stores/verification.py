"""Whether a chain of records is as it was written: every changed, missing, moved or added record is found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from gateway.sdk.records import GENESIS, Chain, Link, Mark, link_digest

MOST_FINDINGS = 100

Kind = Literal["changed", "gap", "tail", "start", "expected"]
REMOVAL = "removed"
"""The `event` of the record that says that older ones were removed."""


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it was written; `sequence` is the number of the record at which it shows."""

    kind: Kind
    sequence: int
    message: str


class Verdict(msgspec.Struct, frozen=True):
    """What a chain was found to be: how many records were looked at, where it ends, and what is wrong, the first of it first."""

    count: int
    start: Mark
    head: Mark
    findings: tuple[Finding, ...]


def verify(chain: Chain, links: Iterable[Link], expected: Mark | None = None) -> Verdict:
    """Looks at every record once. `expected` is a head that was kept elsewhere: the chain must still hold it."""
    walk = _Walk(chain, expected)
    for link in links:
        walk.visit(link)
    walk.end()
    return Verdict(walk.count, chain.start, walk.last, tuple(walk.findings[:MOST_FINDINGS]))


class _Walk:
    """One pass over a chain. After a fault it goes on from the digest that is stored, so that each fault is told once."""

    def __init__(self, chain: Chain, expected: Mark | None) -> None:
        self._chain = chain
        self._expected = expected
        self._met = expected is None or self._is_start(expected)
        self._start_is_told = chain.start.sequence == 0
        self.count = 0
        self.last = chain.start
        self.findings: list[Finding] = []
        if chain.start.sequence == 0 and chain.start.digest != GENESIS:
            self._add("start", 0, "the start of the chain was changed")

    def visit(self, link: Link) -> None:
        """Takes the next record."""
        self.count += 1
        wanted = self.last.sequence + 1
        if link.sequence != wanted:
            self._missing(wanted, link.sequence)
        elif link.digest != link_digest(self.last.digest, link.sequence, link.body):
            self._add("changed", link.sequence, f"record {link.sequence} is not what was written there: it was changed, moved or put in")
        self.last = Mark(link.sequence, str(link.digest))
        self._compare()
        if not self._start_is_told:
            self._start_is_told = _tells_removal(link.body, self._chain.start)

    def end(self) -> None:
        """Looks at what only the whole tells."""
        head, last = self._chain.head, self.last
        if head != last:
            lost = head.sequence - last.sequence
            what = f"{lost} are missing behind it" if lost > 0 else "there it stands otherwise"
            self._add("tail", last.sequence + 1, f"the chain ended with record {head.sequence}, and now ends with {last.sequence}: {what}")
        if not self._start_is_told:
            through = self._chain.start.sequence
            self._add("start", through + 1, f"the records up to {through} were removed, and no record says so")
        if not self._met and self._expected is not None:
            self._add("expected", self._expected.sequence, self._why_unmet(self._expected))
        self.findings.sort(key=lambda finding: (finding.kind == "expected", finding.sequence))

    def _missing(self, wanted: int, found: int) -> None:
        if found < wanted:
            self._add("gap", found, f"record {found} stands where none was written")
        else:
            which = f"record {wanted} is" if found == wanted + 1 else f"records {wanted} to {found - 1} are"
            self._add("gap", wanted, f"{which} missing")

    def _compare(self) -> None:
        if self._expected is not None and self.last.sequence == self._expected.sequence:
            self._met = self.last == self._expected

    def _is_start(self, expected: Mark) -> bool:
        return expected == self._chain.start

    def _why_unmet(self, expected: Mark) -> str:
        if expected.sequence > self.last.sequence:
            return f"the chain held record {expected.sequence}, and now ends with {self.last.sequence}"
        if expected.sequence < self._chain.start.sequence:
            return f"record {expected.sequence} was removed with all up to {self._chain.start.sequence}: keep a later head"
        return f"record {expected.sequence} is another one than was kept"

    def _add(self, kind: Kind, sequence: int, message: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(kind, sequence, message))


def _tells_removal(body: Any, start: Mark) -> bool:
    if not isinstance(body, str) or REMOVAL not in body:
        return False
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False
    return isinstance(told, dict) and [told.get(name) for name in ("event", "through", "digest")] == [REMOVAL, start.sequence, start.digest]
