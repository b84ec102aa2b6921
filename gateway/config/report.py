"""Problems as text for people and as JSON for programs (interfaces §3). Shows file text only, never a resolved value."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from gateway.config.source_text import LINE_BREAK
from gateway.config.strict_yaml import MOST_BYTES
from gateway.sdk.problem import Place, Problem

_WIDEST = 120
_BEFORE = 40
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TAB = "    "
_RESET, _BOLD, _RED, _YELLOW, _BLUE = "\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m"


def render_text(problems: Iterable[Problem], *, folder: Path, color: bool = False) -> str:
    """One block a problem, with the line and a caret under the fault; `folder` is what the problems' files are relative to."""
    excerpts = _Excerpts(folder)
    paint = _paint if color else _no_paint
    return "\n".join(_block(problem, excerpts.line(problem.place), paint) for problem in problems)


def render_json(problems: Iterable[Problem]) -> str:
    """`{"schema_version": 1, "problems": […]}`."""
    record = {"schema_version": 1, "problems": [problem.as_json() for problem in problems]}
    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode()


class _Excerpts:
    """The lines of the files that problems name, each file read once. A file that can't be read has no lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[str, Sequence[str]] = {}

    def line(self, place: Place) -> str | None:
        if place.file not in self._lines:
            self._lines[place.file] = self._read(place.file)
        lines = self._lines[place.file]
        return lines[place.line - 1] if 0 < place.line <= len(lines) else None

    def _read(self, file: str) -> Sequence[str]:
        path = self._folder / file
        try:
            if not path.is_file() or not path.resolve().is_relative_to(self._folder.resolve()):
                return ()  # a link may lead to a file that is nobody's business here
            with path.open("rb") as stream:
                content = stream.read(MOST_BYTES)
        except (OSError, ValueError):
            return ()
        return LINE_BREAK.split(content.decode("utf-8", "replace").removeprefix("\ufeff"))


def _block(problem: Problem, line: str | None, paint: Callable[[str, str], str]) -> str:
    place = problem.place
    number = str(place.line)
    margin = " " * len(number)
    bar = paint("|", _BLUE)
    tone = _RED if problem.severity == "error" else _YELLOW
    rows = [
        f"{paint(f'{problem.severity}[{problem.code}]', tone)}{paint(': ' + _one_line(problem.message), _BOLD)}",
        f"{margin}{paint('-->', _BLUE)} {_one_line(place.file)}:{place.line}:{place.column}",
    ]
    hint = _one_line(problem.hint) if problem.hint else ""
    if line is not None:
        before, marked, after = _window(line, place)
        carets = "^" * max(1, _width(marked))
        rows += [
            f"{margin} {bar}",
            f"{paint(number, _BLUE)} {bar} {before}{marked}{after}".rstrip(),
            f"{margin} {bar} {' ' * _width(before)}{paint(f'{carets} {hint}'.rstrip(), tone)}",
        ]
    elif hint:
        rows.append(f"{margin} {paint('=', _BLUE)} hint: {hint}")
    if problem.help:
        rows.append(f"{margin} {paint('=', _BLUE)} help: {_one_line(problem.help)}")
    return "\n".join(rows) + "\n"


def _window(line: str, place: Place) -> tuple[str, str, str]:
    """The line in three parts, the middle one marked; a long line is cut on both sides."""
    start = min(place.column - 1, len(line))
    end = min(max(place.end - 1, start), len(line), start + _WIDEST)
    if len(line) <= _WIDEST:
        return _shown(line[:start]), _shown(line[start:end]), _shown(line[end:])
    left = max(0, min(start - _BEFORE, len(line) - _WIDEST))
    right = max(left + _WIDEST, end)
    before = ("…" if left else "") + _shown(line[left:start])
    return before, _shown(line[start:end]), _shown(line[end:right]) + ("…" if right < len(line) else "")


def _shown(text: str) -> str:
    """Text as it may be written to a terminal: characters that act or hide are written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_TAB if character == "\t" else _visible(character) for character in text)


def _one_line(text: str) -> str:
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1 for sign in text)


def _paint(text: str, tone: str) -> str:
    return f"{tone}{text}{_RESET}"


def _no_paint(text: str, _tone: str) -> str:
    return text
