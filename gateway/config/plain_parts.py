"""Which parts of a text at a secret's place are written as plain text: all but the `${ }`, and in these every constant."""

from __future__ import annotations

import re
from collections.abc import Iterator

Stretch = tuple[int, int]

_SLOT = re.compile(r"\$\{[^{}]*\}")
_CONSTANT = re.compile(r"""'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*\"""")
_KINDS = "https?|rediss?|memory|sqlite|postgres(?:ql)?|mysql|mariadb|oracle|trino|kafka|amqps?|nats|sqs|qdrant"
_SCHEME = re.compile(rf"""\s*["']?(?:{_KINDS})(?:\+[a-z]+)?://""")
_WORD = re.compile(r"\w")


def plain_parts(text: str) -> Iterator[Stretch]:
    """Offsets in `text`, in order, without white space round them. Of a URL with a `${ }` in it the scheme is left out.

    A `${` that is never closed, or that holds another brace, is taken for text.
    """
    scheme = _SCHEME.match(text) if _SLOT.search(text) else None
    at = scheme.end() if scheme else 0
    for slot in _SLOT.finditer(text):
        yield from _trimmed(text, at, slot.start())
        for constant in _CONSTANT.finditer(text, slot.start(), slot.end()):
            yield from _trimmed(text, constant.start(), constant.end())
        at = slot.end()
    yield from _trimmed(text, at, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[Stretch]:
    """The part without white space round it; nothing where no word is in it."""
    part = text[start:end]
    if _WORD.search(part):
        start += len(part) - len(part.lstrip())
        yield start, start + len(part.strip())
