"""Data as YAML for people: small things on one line, quotes only where they are needed.

Texts may come from strangers. Whatever they hold, a reader of YAML gets back exactly the value: a text is left plain only where it
consists of harmless characters, and in quotes everything that doesn't print is an escape (YAML 1.2 §5.7).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN = re.compile(r"\$?[A-Za-z_](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_./-])?")
_SLOT = re.compile(r"\$\{ [A-Za-z_][A-Za-z0-9_.]* \}")
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_LONGEST_PLAIN = 100
_WIDEST = 100
_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def literal(text: str) -> str:
    """A text for a place where `${ }` is looked for: it is written so that it stands for itself."""
    return text.replace("${", "$${")


def shown(text: str) -> str:
    """A text for one line of a comment or a terminal: what doesn't print is written as an escape."""
    return "".join(_printed(character) for character in text)


def lines(data: dict[str, Any], indent: int = 0) -> Iterator[str]:
    """The lines of a mapping. Its members get a line each, theirs only where they need it.

    Keys have up to 1,000 characters: longer ones would have to be written in another way (YAML 1.2 §7.4.2).
    """
    for key, value in data.items():
        yield from _entry(f"{' ' * indent}{scalar(key)}:", value, indent)


def scalar(value: Any) -> str:
    """One value without members."""
    if isinstance(value, str):
        harmless = len(value) <= _LONGEST_PLAIN and value.lower() not in _NOT_TEXT
        return value if (harmless and _PLAIN.fullmatch(value)) or _SLOT.fullmatch(value) else _quoted(value)
    return json.dumps(value)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    if not isinstance(value, dict | list):
        yield f"{head} {scalar(value)}"
        return
    flow = _flow(value)
    if not value or isinstance(value, list) or len(head) + len(flow) <= _WIDEST:
        yield f"{head} {flow}"
    else:
        yield head
        yield from lines(value, indent + 2)


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{scalar(key)}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(item) for item in value)}]"
    return _quoted(value) if isinstance(value, str) and _SLOT.fullmatch(value) else scalar(value)


def _quoted(text: str) -> str:
    return f'"{"".join(_ESCAPES.get(character) or _printed(character) for character in text)}"'


def _printed(character: str) -> str:
    """A lone surrogate has no place in UTF-8: it becomes U+FFFD."""
    if character.isprintable():
        return character
    number = ord(character)
    if 0xD800 <= number <= 0xDFFF:
        return "\ufffd"
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
