"""A SQL statement, read far enough to know its binds, its kind, and that it is one statement. Literals and comments are respected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

READING = frozenset({"select", "with", "values", "table", "show", "explain", "describe", "desc"})
"""First words of statements that read."""
_ROWS_ON_DEMAND = frozenset({"select", "with", "values", "table"})
_WRITING_INSIDE = frozenset({"insert", "update", "delete", "merge"})
_SESSION = frozenset({
    "abort", "attach", "begin", "commit", "detach", "discard", "end", "listen", "release", "reset", "rollback", "savepoint", "set",
    "start", "unlisten", "use",
})  # fmt: skip
"""First words of statements that change the pooled connection for whoever gets it next."""

_EMPTY_LISTS = {"postgresql": (" = ANY('{}')", " <> ALL('{}')"), "sqlite": (" IN ()", " NOT IN ()")}
"""`IN` and `NOT IN` an empty list. SQLAlchemy's own empty set has a type, which PostgreSQL refuses to compare with another."""

Kind = Literal["space", "comment", "literal", "bind", "word", "cast", "placeholder", "open", "other"]

_TOKENS = r"""
  (?P<space>\s+)
| (?P<comment>--[^\n]*|/\*.*?\*/)
| (?P<literal>%(strings)s|"(?:[^"]|"")*"|`[^`]*`%(dialect)s)
| (?P<cast>::)
| (?P<bind>(?<![:\w\\]):[A-Za-z_]\w*)
| (?P<placeholder>%(placeholders)s)
| (?P<word>[^\W\d][\w$]*)
| (?P<open>['"`]|/\*)
| (?P<other>\d[\w.]*|.)
"""
_PLAIN_STRING = r"'(?:[^']|'')*'"
_ESCAPED_STRING = r"'(?:[^'\\]|\\.|'')*'"
_DOLLAR_STRING = r"\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$"


class SqlFault(ValueError):
    """What is wrong with a statement, and how to mend it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Token(msgspec.Struct):
    """A piece of a statement; `spaced` where white space or a comment precedes it."""

    kind: Kind
    text: str
    spaced: bool

    def written(self) -> str:
        """For SQLAlchemy's `text()`, which takes every other `:name` for a bind, and `:name::type` for none: colons are escaped, and
        a cast stands apart."""
        plain = self.kind in ("bind", "cast")
        return (" " if self.spaced or self.kind == "cast" else "") + (self.text if plain else self.text.replace(":", "\\:"))


class ListBind(msgspec.Struct, frozen=True):
    """`[NOT] IN :name`."""

    name: str
    negated: bool


class Statement(msgspec.Struct, frozen=True):
    """One statement. `pieces` are text for SQLAlchemy and the places where a list expands, in turn."""

    keyword: str
    words: frozenset[str]
    binds: tuple[str, ...]
    lists: frozenset[str]
    pieces: tuple[str | ListBind, ...]

    @property
    def writes(self) -> bool:
        """Whether it changes data, as far as its words tell (a function that it calls may still)."""
        if self.keyword in ("with", "explain"):
            return bool(self.words & _WRITING_INSIDE)
        return self.keyword not in READING or (self.keyword == "select" and "into" in self.words)

    @property
    def streams(self) -> bool:
        """Whether its rows can be fetched bit by bit."""
        return self.keyword in _ROWS_ON_DEMAND and not self.writes

    def vanishing(self, dialect: str, values: Mapping[str, Any]) -> frozenset[str]:
        """The lists that hold nothing and for which `text` has no place."""
        return frozenset(name for name in self.lists if not values[name]) if dialect in _EMPTY_LISTS else frozenset()

    def text(self, dialect: str, empty: frozenset[str] = frozenset()) -> str:
        """For SQLAlchemy's `text()`; `empty` names the lists that vanish."""
        return "".join(piece if isinstance(piece, str) else _written_list(piece, dialect, empty) for piece in self.pieces)


def _written_list(bind: ListBind, dialect: str, empty: frozenset[str]) -> str:
    if bind.name in empty:
        return _EMPTY_LISTS[dialect][bind.negated]
    return f" NOT IN :{bind.name}" if bind.negated else f" IN :{bind.name}"


def parse_statement(query: str, dialect: str) -> Statement:
    """Raises `SqlFault`."""
    tokens = list(_significant(query, dialect))
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if any(token.text == ";" for token in tokens):
        raise SqlFault("only one statement can be run", "make an operation of each statement")
    keyword = next((token.text.lower() for token in tokens if token.kind == "word"), "")
    if not keyword:
        raise SqlFault("there is no statement")
    if keyword in _SESSION:
        raise SqlFault(f"`{keyword.upper()}` is not allowed: connections are shared, and each statement is a transaction of its own")
    pieces = tuple(_pieces(tokens))
    lists = frozenset(piece.name for piece in pieces if isinstance(piece, ListBind))
    binds = tuple(dict.fromkeys(token.text[1:] for token in tokens if token.kind == "bind"))
    _refuse_mixed(tokens, pieces, lists)
    return Statement(keyword, frozenset(token.text.lower() for token in tokens if token.kind == "word"), binds, lists, pieces)


def _significant(query: str, dialect: str) -> Iterator[Token]:
    """The tokens without white space and comments."""
    spaced = False
    for found in _pattern(dialect).finditer(query):
        kind: Kind = found.lastgroup  # type: ignore[assignment]
        text = found[0]
        if kind == "comment" and "/*" in text[2:]:
            raise SqlFault("a comment inside a comment is read differently by different databases")
        if kind == "open":
            raise SqlFault(f"`{text}` is opened and never closed")
        if kind == "placeholder":
            raise SqlFault(f"`{text}` is not a bind here", "write `:name` and declare the name in `params`")
        if kind in ("space", "comment"):
            spaced = True
            continue
        yield Token(kind, text, spaced)
        spaced = False


def _pattern(dialect: str) -> re.Pattern[str]:
    strings = _ESCAPED_STRING if dialect in ("mysql", "mariadb") else _PLAIN_STRING
    own = ""
    placeholders = r"\?|\$\d+"
    if dialect == "postgresql":
        strings = rf"\b[eE]{_ESCAPED_STRING}|{strings}"
        own = f"|{_DOLLAR_STRING}"
        placeholders = r"\$\d+"
    elif dialect == "sqlite":
        own = r"|\[[^\]]*\]"
        placeholders = r"\?\d*|[@$]\w+"
    grammar = _TOKENS % {"strings": strings, "dialect": own, "placeholders": placeholders}
    return re.compile(grammar, re.VERBOSE | re.DOTALL)


def _pieces(tokens: list[Token]) -> Iterator[str | ListBind]:
    """Takes `IN :x` and `IN (:x)` out of the text."""
    text = ""
    index = 0
    while index < len(tokens):
        length, bind = _list_at(tokens, index)
        if bind is None:
            text += tokens[index].written()
        else:
            yield text
            yield bind
            text = ""
        index += length
    yield text


def _list_at(tokens: list[Token], index: int) -> tuple[int, ListBind | None]:
    """How many tokens make up `[NOT] IN :x` or `[NOT] IN (:x)` at `index`; 1 and None where something else stands there."""
    words = [token.text.lower() if token.kind == "word" else token.text for token in tokens[index : index + 5]]
    start = 1 if words[0] == "not" else 0
    rest = words[start:]
    if rest[:1] != ["in"]:
        return 1, None
    if _is_bind(tokens, index + start + 1):
        return start + 2, ListBind(rest[1][1:], negated=start == 1)
    if rest[1:2] == ["("] and _is_bind(tokens, index + start + 2) and rest[3:4] == [")"]:
        return start + 4, ListBind(rest[2][1:], negated=start == 1)
    return 1, None


def _is_bind(tokens: list[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].kind == "bind"


def _refuse_mixed(tokens: list[Token], pieces: tuple[str | ListBind, ...], lists: frozenset[str]) -> None:
    expanded = sum(isinstance(piece, ListBind) for piece in pieces)
    if sum(token.kind == "bind" and token.text[1:] in lists for token in tokens) != expanded:
        raise SqlFault("a list that expands in `IN` can't be used in another place too", "give the other place a bind of its own")
