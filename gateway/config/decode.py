"""Bytes of a YAML file to text: UTF-8 only, and no character that an editor would hide."""

from __future__ import annotations

import codecs
import re

from gateway.config.source_text import SourceText
from gateway.sdk.problem import Problem

_MOST_SHOWN = 20
_REFUSED = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LINE_SEPARATORS = {"\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P"}


def decode(file: str, content: bytes) -> tuple[SourceText, list[Problem]]:
    """The text, without a leading byte order mark; each refused character is reported and stands as U+FFFD in the text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        empty = SourceText(file, "")
        return empty, [Problem("GW002", "error", "the file is UTF-16", empty.place(0, 0), hint="save it as UTF-8")]
    decoded = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    if not _REFUSED.search(decoded):
        return SourceText(file, decoded), []
    text = SourceText(file, _REFUSED.sub("\ufffd", decoded))
    problems: list[Problem] = []
    for found in _REFUSED.finditer(decoded):
        message, hint = _describe(found.group())
        problems.append(Problem("GW002", "error", message, text.place(found.start(), found.end()), hint=hint))
        if len(problems) == _MOST_SHOWN:
            break
    return text, problems


def _describe(character: str) -> tuple[str, str]:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"byte 0x{number - 0xDC00:02X} is not UTF-8", "save the file as UTF-8"
    if character in _LINE_SEPARATORS:
        return f"the line separator U+{number:04X} is not allowed", f'write "{_LINE_SEPARATORS[character]}" in a double-quoted text'
    if character == "\ufeff":
        return "a byte order mark in the middle of the file", "remove it"
    return f"the control character U+{number:04X} is not allowed", f'write "\\u{number:04x}" in a double-quoted text'
