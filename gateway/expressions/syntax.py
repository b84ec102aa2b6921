"""Text → jmespath's own syntax tree, with positions.

What is sound and of usual length is read by `pratt`; this is the parser for the rest, and the one that both are measured by.

The tree is what `jmespath.parser` builds (`{"type", "value", "children"}`); each node that the parser hands round also gets
`start` and `end`, offsets into the text. In strict mode the tree is exactly jmespath's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from jmespath.exceptions import IncompleteExpressionError, JMESPathError, LexerError, ParseError
from jmespath.lexer import Lexer
from jmespath.parser import Parser

from gateway.expressions.faults import Fault, SyntaxFault
from gateway.expressions.habits import SIGNS, WORDS
from gateway.expressions.limits import MAX_LENGTH, MAX_NESTING
from gateway.expressions.pratt import Node, read

__all__ = ["Node", "parse"]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NAME_BEFORE = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)$")
_DIGITS_FIRST = re.compile(r"[0-9]+[A-Za-z_]\w*")
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`""")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_NAME_BEHIND = re.compile(r"-[A-Za-z_][A-Za-z0-9_-]*")
_ENDS_OPERAND = frozenset({"unquoted_identifier", "quoted_identifier", "literal", "rparen", "rbracket", "rbrace", "current"})
_BEGINS_OPERAND = frozenset({"unquoted_identifier", "quoted_identifier", "literal", "number", "current", "not", "expref"})
_CLOSES = frozenset({"rparen", "rbracket", "rbrace"})


def parse(text: str, *, strict: bool = False) -> Node:
    """The tree of an expression. Raises `SyntaxFault`, for hostile text too."""
    if len(text) > MAX_LENGTH:
        raise SyntaxFault(
            Fault("GW216", f"an expression may have {MAX_LENGTH:,} characters at most, this has {len(text):,}", None, 0, len(text))
        )
    if not text.strip():
        raise SyntaxFault(Fault("GW201", "an expression is missing", None, 0, len(text)))
    tree = None if strict else read(text)
    return by_jmespath(text, strict=strict) if tree is None else tree


def by_jmespath(text: str, *, strict: bool = False) -> Node:
    """By jmespath's parser, which can tell what is wrong."""
    _refuse_slot(text)
    try:
        tree: Node = _Parser(text, strict).parse(text).parsed
    except JMESPathError as error:
        raise SyntaxFault(_explained(error, text)) from None
    except (ValueError, IndexError, RecursionError):
        raise SyntaxFault(Fault("GW201", "this is not an expression", None, 0, len(text))) from None
    _refuse_deep(tree, text)
    return tree


def _refuse_slot(text: str) -> None:
    if text.lstrip().startswith("${"):
        start = text.index("${")
        hint = "leave out `${` and `}`: what stands here is an expression already"
        raise SyntaxFault(Fault("GW201", "`${ }` has no meaning inside an expression", hint, start, start + 2))


def _refuse_deep(tree: Node, text: str) -> None:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise SyntaxFault(_too_deep(text))
        level = [child for node in level for child in node["children"] if isinstance(child, dict)]


def _too_deep(text: str) -> Fault:
    hint = "split it: name parts of it with a `let` step"
    return Fault("GW216", f"an expression may be nested {MAX_NESTING} deep at most", hint, 0, len(text))


class _Lexer(Lexer):  # type: ignore[misc]  # jmespath has no types
    """jmespath's, but a literal in backticks must be JSON (outside strict mode), and the old spelling doesn't warn."""

    def __init__(self, strict: bool) -> None:
        self._strict = strict

    def _consume_literal(self) -> dict[str, Any]:
        start = self._position
        written = self._consume_until("`").replace("\\`", "`")
        return {"type": "literal", "value": self._value(written, start), "start": start, "end": self._position - start}

    def _value(self, written: str, start: int) -> Any:
        if self._strict:
            return self._plain_value(written, start)
        try:
            return json.loads(written, parse_constant=_refuse_constant, parse_float=_finite)
        except (ValueError, RecursionError):
            raise LexerError(start, written, f"`{written}` is not JSON") from None

    def _plain_value(self, written: str, start: int) -> Any:
        """What is no JSON is a text: the spelling of literals before JEP 12."""
        try:
            return json.loads(written)
        except ValueError:
            return self._old_spelling(written, start)

    def _old_spelling(self, written: str, start: int) -> Any:
        try:
            return json.loads(f'"{written.lstrip()}"')
        except ValueError:
            raise LexerError(start, written, f"Bad token {written}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(written: str) -> float:
    number = float(written)
    if number - number != 0:
        raise ValueError(f"{written} is too large")
    return number


class _Parser(Parser):  # type: ignore[misc]  # jmespath has no types
    """jmespath's, bounded in depth, and marking each node with its place."""

    def __init__(self, text: str, strict: bool) -> None:
        super().__init__()
        self._text = text
        self._strict = strict
        self._depth = 0
        self._ends: list[int] = []

    def parse(self, expression: str) -> Any:
        """Without jmespath's cache, which would hand out trees that are shared and lack places."""
        return self._do_parse(expression)

    def _parse(self, expression: str) -> Any:
        self._tokens = list(_Lexer(self._strict).tokenize(expression))
        self._ends = [_end_of(token, follower, expression) for token, follower in zip(self._tokens, self._tokens[1:], strict=False)]
        if not self._strict:
            self._refuse_neighbours()
        self._index = 0
        return _Whole(self)

    def whole(self) -> Node:
        """The tree of all tokens."""
        tree: Node = self._expression()
        if self._current_token() != "eof":
            self._raise_parse_error_for_token(self._lookahead_token(0), "Unexpected token")
        return tree

    def _expression(self, binding_power: int = 0) -> Node:
        first = self._index
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise SyntaxFault(_too_deep(self._text))
        token = self._lookahead_token(0)
        self._advance()
        left: Node = getattr(self, f"_token_nud_{token['type']}", self._error_nud_token)(token)
        if "start" not in left:  # what stood in parentheses has its place already
            self._marked(left, first)
        while binding_power < self.BINDING_POWER[self._current_token()]:
            led: Callable[[Node], Node] | None = getattr(self, f"_token_led_{self._current_token()}", None)
            if led is None:
                self._raise_parse_error_for_token(self._lookahead_token(0), "invalid token")
                break
            self._advance()
            left = self._marked(led(left), first)
        self._depth -= 1
        return left

    def _marked(self, node: Node, first: int) -> Node:
        node["start"] = self._tokens[first]["start"]
        node["end"] = self._ends[self._index - 1]
        return node

    def _error_nud_token(self, token: dict[str, Any]) -> Node:
        before = self._text[: token["start"]].rstrip()
        if before.endswith(".[") and not self._strict:
            start = len(before) - 2
            raise SyntaxFault(Fault("GW201", "a dot before `[` begins a list of values", "leave out the dot: `[0]`", start, start + 1))
        if token["type"] == "number" and not self._strict:
            raise SyntaxFault(self._bare_number(token["start"]))
        node: Node = super()._error_nud_token(token)
        return node

    def _bare_number(self, start: int) -> Fault:
        found = _NUMBER.match(self._text, start)
        end = found.end() if found else start + 1
        written = self._text[start:end]
        return Fault("GW207", f"the number {written} needs backticks", f"write `{written}` with the backticks", start, end)

    def _refuse_neighbours(self) -> None:
        for place, (token, follower) in enumerate(zip(self._tokens, self._tokens[1:], strict=False)):
            # A number in front is left to the parser: then the number is what is wrong.
            if token["type"] in _ENDS_OPERAND and follower["type"] in _BEGINS_OPERAND:
                raise SyntaxFault(self._neighbours(place, token, follower))
            if token["type"] == "comma" and follower["type"] in _CLOSES:
                raise SyntaxFault(Fault("GW201", "nothing follows this comma", "take the comma away", token["start"], token["start"] + 1))

    def _neighbours(self, place: int, token: dict[str, Any], follower: dict[str, Any]) -> Fault:
        """Two values side by side: mostly one of them is another language's operator."""
        for at, word in ((place, token), (place + 1, follower)):
            if word["type"] == "unquoted_identifier" and word["value"] in WORDS:
                message = f"`{word['value']}` is not an operator"
                return Fault("GW201", message, WORDS[word["value"]], word["start"], self._ends[at])
        if follower["type"] == "expref":
            return Fault("GW201", "`&` is not an operator", "write `&&`", follower["start"], self._ends[place + 1])
        hint = "a text is written in single quotes: 'a text'"
        return Fault("GW201", "an operator or a comma is missing here", hint, follower["start"], self._ends[place + 1])


class _Whole:
    """What jmespath's `parse` gives, without its interpreter."""

    def __init__(self, parser: _Parser) -> None:
        self.parsed = parser.whole()


def _end_of(token: dict[str, Any], follower: dict[str, Any], text: str) -> int:
    """Where a token ends; the lexer's own `end` is not to be relied on."""
    start: int = token["start"]
    return start + len(text[start : follower["start"]].rstrip(" \t\n\r"))


def _explained(error: JMESPathError, text: str) -> Fault:
    if isinstance(error, IncompleteExpressionError):
        return _ends_early(text)
    if isinstance(error, LexerError):
        return _unreadable(error, text)
    if isinstance(error, ParseError):
        return _unexpected(error, text)
    return Fault("GW201", str(error), None, 0, len(text))


def _unreadable(error: LexerError, text: str) -> Fault:
    start = min(error.lexer_position, len(text) - 1)
    message = str(error.message)
    if message == "Unknown token '='":
        return Fault("GW201", "`=` is not an operator", "compare with `==`", start, start + 1)
    if message.endswith("is not JSON"):
        hint = "backticks hold JSON, as in `5` or `true`; a text is written in single quotes: 'a text'"
        return Fault("GW201", message, hint, start, min(len(text), start + len(error.lexer_value) + 2))
    if message.startswith("Unclosed"):
        return Fault("GW201", f"a {message.split()[1]} is never closed", None, start, len(text))
    return Fault("GW201", f"`{text[start]}` has no meaning here", _dash_hint(text, start) or SIGNS.get(text[start]), start, start + 1)


def _ends_early(text: str) -> Fault:
    end = len(text.rstrip())
    missing = _unclosed(text)
    return Fault("GW201", "the expression ends too early", f"add `{missing}`" if missing else None, max(0, end - 1), end)


def _unclosed(text: str) -> str:
    """What closes the brackets that are open at the end; what stands in quotes doesn't count."""
    waiting: list[str] = []
    for character in _QUOTED.sub("", text):
        if character in _CLOSERS:
            waiting.append(_CLOSERS[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
    return "".join(reversed(waiting[:8]))


def _dash_hint(text: str, start: int) -> str | None:
    """For a name that was meant to hold the dash, such as a header's behind `request.headers.`"""
    if text[start] != "-" or (before := _NAME_BEFORE.search(text, 0, start)) is None:
        return None
    rest = _NAME_BEHIND.match(text, start)
    return f'a name with a dash is written in double quotes: "{before[1]}{rest[0]}"' if rest is not None else None


def _unexpected(error: ParseError, text: str) -> Fault:
    start = min(error.lex_position, len(text) - 1)
    written, kind = str(error.token_value), str(error.token_type).lower()
    if error.msg == "Quoted identifier not allowed for function names.":
        return Fault("GW201", "a function's name is written without quotes", None, 0, len(text))
    if kind == "eof":
        return _ends_early(text)
    hint = SIGNS.get(written) or ("a text is written in single quotes: 'a text'" if kind == "quoted_identifier" else None)
    if text[:start].endswith("<") and written == ">":
        hint = "compare with `!=`"
    elif kind == "number" and (behind := _DIGITS_FIRST.match(text, start)) is not None and text[:start].endswith("."):
        hint = f'a name that begins with a digit is written in double quotes: "{behind[0]}"'
    elif text[:start].rstrip().endswith("[") and kind == "unquoted_identifier":
        hint = "an index is a whole number, such as [0]"
    return Fault("GW201", f"`{written}` is not expected here", hint, start, min(len(text), start + max(1, len(written))))
