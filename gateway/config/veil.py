"""Keeps secrets that stand in a file as plain text out of whatever is shown of it (interfaces §3).

Where a schema says that a value is a secret the loader tells its places. In a file that could not be read, and below a misspelt
key, only names tell: a value whose key is called like a secret, and what stands before the `@` of a URL. Of a value with a `${ }`
that alone is shown, without the constants in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from gateway.config.excerpts import Excerpts
from gateway.config.plain_parts import Stretch, plain_parts
from gateway.config.suggest import closest
from gateway.sdk.problem import Place, Problem

BLOT = "****"
_SHORTEST_WORD = 4
_WORDS = ("password", "passwd", "passphrase", "secret", "token", "credential", "credentials", "api_key", "apikey", "private_key", "hash")
_WORDS_OF_HEADERS = ("authorization", "cookie")
_NAMES = re.compile(rf"(?:.*[_-])?(?:{'|'.join((*_WORDS, *_WORDS_OF_HEADERS))})".replace("_key", "[_-]?key"), re.IGNORECASE)
_IN_FLOW, _IN_BLOCK = re.compile(r"[^,}\]]*"), re.compile(r".*")
_KEY = re.compile(r"""(?:^|(?<=[\s{,\[]))(?P<quote>["']?)(?P<key>[A-Za-z][\w-]{0,60})(?P=quote)\s*:(?=\s|$)\s*""")
_NO_SECRETS = re.compile(r"$|#|[{\[&*]|[|>][-+0-9]*\s*(?:$|#)|(?:true|false|null|~)\s*(?:$|[,}#])")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^']|'')*'")
_USER_OF_URL = re.compile(r"(?<=://)[^\s\"'/@?#]*:[^\s\"']*(?=@)")
_MOST_LINES_ABOVE = 2_000


class Veil:
    """What of a folder's files may not be shown. `hidden` are the places that the loader told."""

    def __init__(self, folder: Path, hidden: Iterable[Place] = ()) -> None:
        self.excerpts = Excerpts(folder)
        self._hidden: dict[tuple[str, int], list[Stretch]] = {}
        for place in hidden:
            self._hidden.setdefault((place.file, place.line), []).append((place.column - 1, place.end - 1))

    def stretches(self, place: Place) -> list[Stretch]:
        """The parts of the line of `place` that are hidden: offsets, in order, none touching another."""
        lines = self.excerpts.lines(place.file)
        if not 0 < place.line <= len(lines):
            return []
        line = lines[place.line - 1]
        known = self._hidden.get((place.file, place.line), [])
        found = [*known, *_by_name(line), *(user.span() for user in _USER_OF_URL.finditer(line))]
        if _continues_a_secret(lines, place.line - 1):
            found += plain_parts(line)
        return _joined((start, min(end, len(line))) for start, end in found)

    def over(self, problem: Problem) -> Problem:
        """The problem without any word that is hidden on its line."""
        stretches = self.stretches(problem.place)
        line = self.excerpts.line(problem.place) if stretches else None
        if line is None:
            return problem
        words = {word.strip("\"'") for start, end in stretches for word in (line[start:end], *line[start:end].split())}
        secret = sorted((word for word in words if len(word) >= _SHORTEST_WORD), key=len, reverse=True)
        changes = {name: _blotted(getattr(problem, name), secret) for name in ("message", "hint", "help", "fix")}
        return msgspec.structs.replace(problem, **changes) if secret else problem


def blotted(line: str, start: int, end: int, stretches: Iterable[Stretch]) -> str:
    """`line[start:end]` with a blot for each hidden part; a blot tells nothing of a secret's length."""
    pieces: list[str] = []
    at = start
    for first, last in stretches:
        if last <= at or first >= end:
            continue
        pieces += [line[at : max(first, at)], BLOT]
        at = min(last, end)
    return "".join([*pieces, line[at:end]])


def _blotted(text: str | None, words: Sequence[str]) -> str | None:
    for word in words if text else ():
        text = text.replace(word, BLOT) if text else text
    return text


def _by_name(line: str) -> Iterator[Stretch]:
    """Values of this line whose key is called like a secret, however they end."""
    for found in _KEY.finditer(line):
        start = found.end()
        if not _is_secret(found["key"]) or _NO_SECRETS.match(line, start):
            continue
        quoted = _whole(_QUOTED.match(line, start), line)
        in_flow = line.count("{", 0, start) + line.count("[", 0, start) > line.count("}", 0, start) + line.count("]", 0, start)
        plain = (_IN_FLOW if in_flow else _IN_BLOCK).match(line, start)
        end = quoted.end() if quoted else plain.end() if plain else len(line)
        yield from ((start + first, start + last) for first, last in plain_parts(line[start:end]))


def _whole(quoted: re.Match[str] | None, line: str) -> re.Match[str] | None:
    """A quoted text, if the value ends with it."""
    return quoted if quoted is not None and line[quoted.end() :].lstrip()[:1] in {"", ",", "}", "]", "#"} else None


def _is_secret(key: str) -> bool:
    return _NAMES.fullmatch(key) is not None or closest(key, ("password", "client_secret", "api_key")) is not None


def _continues_a_secret(lines: Sequence[str], index: int) -> bool:
    """Whether a line that names no key itself belongs to a value, begun above, whose key is called like a secret."""
    line = lines[index]
    indent = len(line) - len(line.lstrip())
    if not line.strip() or indent == 0 or _KEY.match(line.lstrip().removeprefix("- ")):
        return False
    for above in reversed(lines[max(0, index - _MOST_LINES_ABOVE) : index]):
        begin = len(above) - len(above.lstrip())
        if above.strip() and begin < indent:
            keys = list(_KEY.finditer(above))
            return bool(keys) and _is_secret(keys[-1]["key"])
    return False


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
