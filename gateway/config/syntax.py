"""Says in our words, and at the right character, what a YAML syntax error is."""

from __future__ import annotations

import re

import yaml

from gateway.config.nodes import Scalar
from gateway.config.source_text import LINE_BREAK, SourceText
from gateway.sdk.problem import Problem

_QUOTE = 'quote the value: "…"'
_REFUSED_START = re.compile(
    r"""(?:^|(?<=[\s\[{,]))(?:(?:[^\s"'#&*!|>%@`\[\]{},][^"'#\[\]{},:]*:|-|\?|[\[{,])[ \t]+|[\[{,])?(?P<value>[!%@`*])"""
)
_MESSAGES = {
    "mapping values are not allowed in this context": ("a second `: ` in one line", "quote the value that holds it, or indent the key"),
    "block sequence entries are not allowed in this context": ("a list can't start here", "put `- ` on a line of its own"),
    "mapping keys are not allowed in this context": ("a key can't stand here", "put it on a line of its own"),
    "could not find expected ':'": ("a `:` is missing behind this key", None),
    "did not find expected key": ("this line doesn't fit the mapping that it stands in", "check the indentation and the quotes above it"),
    "did not find expected '-' indicator": ("this line doesn't fit the list that it stands in", "check the indentation"),
    "did not find expected node content": ("a value is missing here", None),
    "did not find expected ',' or ']'": ("a `,` or `]` is missing here", "quote texts that hold brackets, braces or commas"),
    "did not find expected ',' or '}'": ("a `,` or `}` is missing here", "quote texts that hold brackets, braces or commas"),
    "did not find expected <document start>": (
        "this line doesn't belong to the document above it",
        "check the indentation; documents are split by a line with `---`",
    ),
    "found unexpected document indicator": ("a quoted text runs into `---`", "close its quote"),
    "found unknown escape character": ("an unknown escape in a double-quoted text", "write `\\\\` for a backslash, or use single quotes"),
    "found invalid Unicode character escape code": ("an escape that is no Unicode character", None),
    "did not find expected hexdecimal number": ("an escape that lacks hexadecimal digits", None),
    "found a tab character that violates indentation": ("a tab used for indentation", "indent with spaces"),
    "found a tab character where an indentation space is expected": ("a tab used for indentation", "indent with spaces"),
    "found character that cannot start any token": ("a value can't start with this character", _QUOTE),
    "found an indentation indicator equal to 0": ("a block text can't be indented by 0", None),
    "did not find expected comment or line break": ("only a comment may follow `|` or `>` here", "put the text on the next line"),
    "found duplicate %YAML directive": ("YAML directives are not used here", "remove this line"),
}
_OTHERWISE = ("this is not YAML", None)
_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7})(?=[ \t\r\n]|\Z)")
_TIGHT = re.compile(r"""[ \t]*(?:-[ \t]+)*[A-Za-z_][\w-]*:(?=[^\s:/])""")
_CLOSERS = {"[": "]", "{": "}"}
_LONGEST_LINE = 4096


def explain(text: SourceText, origin: int, piece: str, fault: yaml.YAMLError, *, last: Scalar | None, flow: int | None) -> Problem:
    """The problem for a syntax error in `piece`, which starts at `origin` of the file.

    `last` is the scalar read before it, `flow` the offset in the file of the innermost `[` or `{` that is open there.
    """
    at, begun = _marks(fault, len(piece.rstrip()))
    conflict = _CONFLICT.match(piece, _line_start(piece, at)) or _CONFLICT.match(piece, _line_start(piece, begun))
    if conflict is not None:
        place = text.place(origin + conflict.start(), origin + conflict.end())
        message = "a conflict of a merge that is not resolved"
        return Problem("GW003", "error", message, place, hint="keep one side, and take these lines out")
    by_quotes = None if last is None else _by_quotes(text, origin, piece, last, at)
    if by_quotes is not None:
        return by_quotes
    refused = _braces(piece, at, origin, last) or _leading(piece, at) or (_leading(piece, begun) if begun < at else None)
    if refused:
        start, end = refused
        shown = piece[start:end]
        message = f"YAML can't read an unquoted value like `{_short(shown)}`"
        return Problem("GW014", "error", message, text.place(origin + start, origin + end), hint=quoted(shown))
    opened = None if flow is None else flow - origin
    at, message, hint = _explain(piece, at, begun, opened, getattr(fault, "problem", None) or "")
    return Problem("GW003", "error", message, text.place(origin + at, origin + at + 1), hint=hint)


def quoted(shown: str) -> str:
    """The hint to quote a value, with the value in quotes where that is short and certain."""
    if len(shown) > 80 or any(sign in shown for sign in "\"\\'\r\n"):
        return _QUOTE
    return f'quote it: "{shown}"'


def _marks(fault: yaml.YAMLError, last: int) -> tuple[int, int]:
    """Where the error is, and where what was being read began; neither behind the last character."""
    problem, context = getattr(fault, "problem_mark", None), getattr(fault, "context_mark", None)
    begun = context or problem
    found = problem or context
    return min(found.index if found else 0, last), min(begun.index if begun else 0, last)


def _explain(piece: str, at: int, begun: int, opened: int | None, problem: str) -> tuple[int, str, str | None]:
    """The offset to show, our words and the hint."""
    if problem == "found unexpected end of stream":
        return begun, "a quote is never closed", None
    if problem == "could not find expected ':'":
        at = begun
    if piece[at : at + 1] == "\t":
        return at, "a tab where only spaces may stand", "indent with spaces"
    if problem == "could not find expected ':'" and piece[at : at + 1] == "-":
        return at, "a space is missing behind this `-`", None
    tight = _tight_colon(piece, at)
    if tight is not None:
        return tight, "a space is missing behind this `:`", None
    if piece[at : at + 1] == ":" and piece[_line_start(piece, at) : at].rstrip()[-1:] in {"", "{", ",", "-"}:
        return at, "a key is missing before this `:`", None
    if opened is not None and (at >= len(piece.rstrip()) or _is_outside(piece, opened, at)):
        return opened, f"this `{piece[opened]}` is never closed", f"add a `{_CLOSERS[piece[opened]]}`"
    if problem == "mapping values are not allowed in this context" and ": " not in piece[_line_start(piece, at) : at]:
        return at, "this line continues the value above it", "indent it like the key above it, or quote the value"
    message, hint = _MESSAGES.get(problem, _OTHERWISE)
    if opened is not None and LINE_BREAK.search(piece, opened, at):
        hint = f"or the `{piece[opened]}` some lines above lacks its `{_CLOSERS[piece[opened]]}`"
    return at, message, hint


def _braces(piece: str, at: int, origin: int, last: Scalar | None) -> tuple[int, int] | None:
    """An unquoted `…{…}` inside `{ }` or `[ ]`: YAML ends the value at its brace."""
    if last is None or last.style or last.start == last.end or last.end - origin != at or piece[at : at + 1] not in {"{", "["}:
        return None
    end = _line_end(piece, at)
    found = piece.find("}" if piece[at] == "{" else "]", at, end)
    return last.start - origin, found + 1 if found >= 0 else end


def _by_quotes(text: SourceText, origin: int, piece: str, last: Scalar, at: int) -> Problem | None:
    """What is wrong with the quotes of the text that was read last."""
    if _runs_over(piece, last.start - origin, last.end - origin, at):
        message = f"this quote is closed only in line {text.line_of(last.end - 1)}"
        return Problem("GW003", "error", message, text.place(last.start, last.start + 1), hint="close it where its text ends")
    if _stands_behind(piece, last, last.end - origin, at):
        inside = "''" if last.style == "'" else '\\"'
        hint = f"quote all of it, and write a quote inside as `{inside}`"
        return Problem("GW003", "error", "a text ends at its closing quote", text.place(origin + at, origin + at + 1), hint=hint)
    return None


def _runs_over(piece: str, start: int, end: int, at: int) -> bool:
    """Whether a quoted text goes over several lines and something stands right behind it: its end was meant to be a beginning."""
    return piece[start : start + 1] in {'"', "'"} and end in {at, at - 1} and LINE_BREAK.search(piece, start, end) is not None


def _stands_behind(piece: str, last: Scalar, end: int, at: int) -> bool:
    """Whether a word stands right behind a quoted text, in its line."""
    return last.style in {'"', "'"} and end <= at and not piece[end:at].strip(" ") and piece[at : at + 1].isalnum()


def _tight_colon(piece: str, at: int) -> int | None:
    """Where the line holds a `key:value`, without a space: the colon."""
    found = _TIGHT.match(piece, _line_start(piece, at))
    return found.end() - 1 if found else None


def _is_outside(piece: str, opened: int, at: int) -> bool:
    """Whether the line of `at` is indented no further than the line above it in which a bracket was opened."""
    first, line = _line_start(piece, opened), _line_start(piece, at)
    return first < line and _indent(piece, line) <= _indent(piece, first) and piece[at : at + 1] not in {"]", "}"}


def _indent(piece: str, line: int) -> int:
    rest = piece[line : _line_end(piece, line)]
    return len(rest) - len(rest.lstrip())


def _leading(piece: str, at: int) -> tuple[int, int] | None:
    """A value that starts with a character that means something else to YAML, at `at` or before it in its line."""
    begin = _line_start(piece, at)
    line = piece[begin : min(_line_end(piece, at), begin + _LONGEST_LINE)]
    found = _REFUSED_START.search(line)
    if found is None or begin + found.start("value") > at:
        return None
    value = line[found.start("value") :]
    return begin + found.start("value"), begin + found.start("value") + len(_in_brackets(value).rstrip())


def _in_brackets(value: str) -> str:
    """The value up to the comma or bracket that ends it, where it stands in `[ ]` or `{ }`; else all of it."""
    depth, comma = 0, None
    for index, character in enumerate(value):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth < 0:
                return value[: index if comma is None else comma]
        elif character == "," and depth == 0 and comma is None:
            comma = index
    return value


def _line_start(piece: str, at: int) -> int:
    return max(piece.rfind("\n", 0, at), piece.rfind("\r", 0, at)) + 1


def _line_end(piece: str, at: int) -> int:
    found = LINE_BREAK.search(piece, at)
    return found.start() if found else len(piece)


def _short(shown: str) -> str:
    return shown if len(shown) <= 80 else shown[:80] + "…"
