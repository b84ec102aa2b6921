"""The table of who can call what as text of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.visible import width as columns
from gateway.planner.explain.access_table import NO_ROLE, AccessTable, Cell, Row
from gateway.planner.explain.account import Line
from gateway.planner.explain.columns import cut, wrapped

LONGEST_ROLE = 24
ANSWER = 7
"""The width of the longest answer, `depends`."""

ANY_CALLER = "(no role)"


def render(table: AccessTable) -> str:
    """Section by section, each permission with a line for every role that it means something for."""
    return "\n".join(line.rstrip() for line in _lines(table)) + "\n"


def _lines(table: AccessTable) -> Iterator[str]:
    if table.asked:
        yield from wrapped("asked for ", ", ".join(table.asked), 10)
        yield ""
    width = max((columns(_name(cell.role)) for row in table.rows for cell in row.cells), default=0)
    for row in table.rows:
        yield from _row(row, min(width, LONGEST_ROLE), asked=bool(table.asked))
    if table.assigned:
        yield ""
        yield "roles given by condition"
        for line in table.assigned:
            yield from wrapped("  ", _told(line), 4)


def _row(row: Row, width: int, *, asked: bool) -> Iterator[str]:
    yield from wrapped("", f"{row.permission} [{row.place}]", 2)
    if not row.cells:
        yield "  nobody"
    for cell in row.cells:
        label = f"  {cell.answer.ljust(ANSWER)}  " if asked else f"  {cut(_name(cell.role), width)}  {cell.answer.ljust(ANSWER)}  "
        yield from _reasons(cell, label)


def _reasons(cell: Cell, label: str) -> Iterator[str]:
    """The first line beside the role, further ones below it."""
    for number, reason in enumerate(cell.reasons):
        text = _told(reason).removeprefix(f"role {cell.role}").removeprefix(":")
        yield from wrapped(label if number == 0 else " " * columns(label), text.strip(), columns(label) + 2)


def _told(line: Line) -> str:
    return line.text if line.place is None else f"{line.text} [{line.place}]"


def _name(role: str) -> str:
    return ANY_CALLER if role == NO_ROLE else role
