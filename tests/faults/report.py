"""What a case did, what clients saw, and which limits held; as a table, as paragraphs and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

import msgspec

WIDTH = 110


class Limit(msgspec.Struct, frozen=True):
    """What must hold: `least` ≤ `measured` ≤ `most`. One that holds
    `alone` needs the gateway in a process of its own, on a machine that does nothing else."""

    what: str
    measured: float
    least: float | None = None
    most: float | None = None
    unit: str = ""
    alone: bool = False

    @property
    def held(self) -> bool:
        """Whether it did."""
        return (self.least is None or self.measured >= self.least) and (self.most is None or self.measured <= self.most)

    def told(self) -> str:
        """In one line, with the figures."""
        if self.least == self.most:
            bound = f"exactly {_figure(self.most)}"
        elif self.least is None:
            bound = f"at most {_figure(self.most)}"
        elif self.most is None:
            bound = f"at least {_figure(self.least)}"
        else:
            bound = f"{_figure(self.least)} to {_figure(self.most)}"
        return f"{self.what}: {_figure(self.measured)}{self.unit} ({bound}{self.unit})"


class Outcome(msgspec.Struct):
    """One case. `done` says what was done to the system, `seen` what clients and backends saw, a line each."""

    case: str
    done: str
    seen: list[str] = []
    limits: list[Limit] = []
    skipped: str | None = None
    seconds: float = 0.0

    def at_most(self, what: str, measured: float, most: float, unit: str = "", *, alone: bool = False) -> None:
        """Adds a limit from above."""
        self.limits.append(Limit(what, measured, most=most, unit=unit, alone=alone))

    def at_least(self, what: str, measured: float, least: float, unit: str = "", *, alone: bool = False) -> None:
        """Adds a limit from below."""
        self.limits.append(Limit(what, measured, least=least, unit=unit, alone=alone))

    def exactly(self, what: str, measured: float, expected: float) -> None:
        """Adds a limit from both sides."""
        self.limits.append(Limit(what, measured, expected, expected))

    def broken(self) -> list[str]:
        """The limits that did not hold."""
        return [limit.told() for limit in self.limits if not limit.held]

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.skipped is not None:
            return "skipped"
        return "BROKEN" if self.broken() else "held"


def table(outcomes: Sequence[Outcome]) -> str:
    """One line a case, and a line below for each limit that did not hold."""
    wide = max(len(each.case) for each in outcomes)
    lines = []
    for each in outcomes:
        held = sum(limit.held for limit in each.limits)
        lines.append(f"{each.case.ljust(wide)}  {each.verdict:8} {held:3} of {len(each.limits):2} limits  {each.seconds:5.1f} s")
        lines += [f"{' ' * wide}  - {broken}" for broken in each.broken()]
    return "\n".join(lines)


def paragraphs(outcome: Outcome) -> str:
    """All of a case."""
    lines = [f"{outcome.case}: {outcome.verdict}", *_wrapped([outcome.done], "  ")]
    if outcome.skipped is not None:
        lines += _wrapped([f"skipped: {outcome.skipped}"], "  ")
    lines += _wrapped(outcome.seen, "  | ")
    lines += [f"  {'ok    ' if limit.held else 'BROKEN'} {limit.told()}" for limit in outcome.limits]
    return "\n".join(lines)


def as_json(outcomes: Iterable[Outcome]) -> bytes:
    """All cases, for a program."""
    shown = [{**msgspec.to_builtins(each), "verdict": each.verdict} for each in outcomes]
    return msgspec.json.format(msgspec.json.encode({"schema_version": 1, "cases": shown}), indent=2)


def _wrapped(texts: Iterable[str], indent: str) -> list[str]:
    return [line for text in texts for line in wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)]


def _figure(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"
