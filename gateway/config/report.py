"""Problems as text for people and as JSON for programs (interfaces §3). Shows file text only, never a resolved value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from gateway.config.plain_parts import Stretch
from gateway.config.veil import Veil, blotted
from gateway.config.visible import one_line, shown, width
from gateway.sdk.problem import Place, Problem

_WIDEST = 120
_BEFORE = 40
_RESET, _BOLD, _RED, _YELLOW, _BLUE = "\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m"


def render_text(problems: Iterable[Problem], *, folder: Path, color: bool = False, hidden: Iterable[Place] = ()) -> str:
    """One block a problem, with the line and a caret under the fault; `folder` is what the problems' files are relative to.

    What stands at a `hidden` place, or looks like a secret, is blotted out.
    """
    veil = Veil(folder, hidden)
    paint = _paint if color else _no_paint
    return "\n".join(_block(veil.over(problem), veil, paint) for problem in problems)


def render_json(problems: Iterable[Problem]) -> str:
    """The record as JSON."""
    return msgspec.json.format(msgspec.json.encode(json_record(problems)), indent=2).decode()


def json_record(problems: Iterable[Problem]) -> dict[str, Any]:
    """`{"schema_version": 1, "problems": […]}`."""
    return {"schema_version": 1, "problems": [problem.as_json() for problem in problems]}


def _block(problem: Problem, veil: Veil, paint: Callable[[str, str], str]) -> str:
    place = problem.place
    line = veil.excerpts.line(place)
    number = str(place.line)
    margin = " " * len(number)
    bar = paint("|", _BLUE)
    tone = _RED if problem.severity == "error" else _YELLOW
    rows = [
        f"{paint(f'{problem.severity}[{problem.code}]', tone)}{paint(': ' + one_line(problem.message), _BOLD)}",
        f"{margin}{paint('-->', _BLUE)} {one_line(place.file)}:{place.line}:{place.column}",
    ]
    hint = one_line(problem.hint) if problem.hint else ""
    if line is not None:
        before, marked, after = _window(line, place, veil.stretches(place))
        carets = "^" * max(1, width(marked))
        rows += [
            f"{margin} {bar}",
            f"{paint(number, _BLUE)} {bar} {before}{marked}{after}".rstrip(),
            f"{margin} {bar} {' ' * width(before)}{paint(f'{carets} {hint}'.rstrip(), tone)}",
        ]
    elif hint:
        rows.append(f"{margin} {paint('=', _BLUE)} hint: {hint}")
    if problem.help:
        rows.append(f"{margin} {paint('=', _BLUE)} help: {one_line(problem.help)}")
    return "\n".join(rows) + "\n"


def _window(line: str, place: Place, hidden: list[Stretch]) -> tuple[str, str, str]:
    """The line in three parts, the middle one marked; a long line is cut on both sides."""

    def part(first: int, last: int) -> str:
        return shown(blotted(line, first, last, hidden))

    start = min(place.column - 1, len(line))
    end = min(max(place.end - 1, start), len(line), start + _WIDEST)
    if len(line) <= _WIDEST:
        return part(0, start), part(start, end), part(end, len(line))
    left = max(0, min(start - _BEFORE, len(line) - _WIDEST))
    right = max(left + _WIDEST, end)
    return ("…" if left else "") + part(left, start), part(start, end), part(end, right) + ("…" if right < len(line) else "")


def _paint(text: str, tone: str) -> str:
    return f"{tone}{text}{_RESET}"


def _no_paint(text: str, _tone: str) -> str:
    return text
