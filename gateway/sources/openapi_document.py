"""Reads API descriptions: foreign documents, in JSON or ordinary YAML, possibly large, possibly hostile.

YAML is built straight from libyaml's events, with the scalars of YAML 1.2: about ten times as fast as a loader that makes
Python objects by tag, keys stay text (`200:`, `on:`), no date or octal number appears, and aliases are counted by what they expand to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any

import msgspec
import yaml

from gateway.sdk.fields import MIB

MAX_BYTES = 64 * MIB
MAX_NODES = 6_000_000
MAX_DEPTH = 200

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"": None, "~": None, "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False} | dict.fromkeys(
    ("null", "Null", "NULL")
)
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_BYTE = re.compile(r"\(byte (\d+)\)")
_NUMBER_STARTS = frozenset("+-.0123456789")
_NO_KEY: Any = object()
_STR_TAG = "tag:yaml.org,2002:str"


class DocumentFault(ValueError):
    """Why a description can't be read."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_document(file: FilePath) -> Any:
    """The file's data: dicts with text keys, lists, texts, numbers, booleans, None. Raises `DocumentFault`."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise DocumentFault(f"`{file.name}` is larger than {MAX_BYTES // MIB} MiB")
        raw = file.read_bytes()
    except OSError as fault:
        raise DocumentFault(f"`{file.name}` can't be read: {fault.strerror or 'no such file'}") from fault
    return parse_document(raw, file.name)


def parse_document(raw: bytes, name: str) -> Any:
    """JSON where it looks so, else YAML. Raises `DocumentFault`."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if raw.lstrip()[:1] == b"{":
        try:
            return msgspec.json.decode(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
            if name.endswith(".json"):
                place = ": it is nested too deeply" if isinstance(fault, RecursionError) else _place(raw, str(fault))
                raise DocumentFault(f"`{name}` is not valid JSON{place}") from fault
    try:
        return _Builder(name).build(yaml.parse(raw.decode(), Loader=_LOADER))
    except UnicodeDecodeError as fault:
        raise DocumentFault(f"`{name}` is not UTF-8 text") from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise DocumentFault(f"`{name}` is not valid YAML{where}") from fault


def _place(raw: bytes, said: str) -> str:
    """Where msgspec found a fault: it tells the byte."""
    found = _BYTE.search(said)
    if found is None:
        return ": it ends too early" if "truncated" in said else ""
    rows = raw[: int(found.group(1))].split(b"\n")
    return f", line {len(rows)}, column {len(rows[-1]) + 1}"


class _Open:
    """A list or map that is being filled."""

    __slots__ = ("anchor", "before", "key", "merges", "value")

    def __init__(self, value: Any, anchor: str | None, before: int) -> None:
        self.value = value
        self.anchor = anchor
        self.before = before
        self.key: Any = _NO_KEY
        self.merges: list[Any] = []


class _Builder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes = 0
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._root: Any = _NO_KEY

    def build(self, events: Iterable[Any]) -> Any:
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._map,
            yaml.SequenceStartEvent: self._list,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
        }
        for event in events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        return None if self._root is _NO_KEY else self._root

    def _scalar(self, event: Any) -> None:
        stack = self._stack
        if stack and type(stack[-1].value) is dict and stack[-1].key is _NO_KEY:
            value = event.value
        else:
            value = _plain(event.value) if event.implicit[0] and event.tag != _STR_TAG else event.value
        self._count(1)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._place(value)

    def _map(self, event: Any) -> None:
        self._open({}, event.anchor)

    def _list(self, event: Any) -> None:
        self._open([], event.anchor)

    def _open(self, value: Any, anchor: str | None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise DocumentFault(f"`{self._name}` is nested more than {MAX_DEPTH} levels deep")
        if self._stack and type(self._stack[-1].value) is dict and self._stack[-1].key is _NO_KEY:
            raise DocumentFault(f"`{self._name}` has a list or map as a key")
        self._stack.append(_Open(value, anchor, self._nodes))
        self._count(1)

    def _close(self, _event: Any) -> None:
        closed = self._stack.pop()
        for merged in closed.merges:
            for key, value in merged.items():
                closed.value.setdefault(key, value)
        if closed.anchor is not None:
            self._anchors[closed.anchor] = (closed.value, self._nodes - closed.before)
        self._place(closed.value)

    def _alias(self, event: Any) -> None:
        value, weight = self._anchors.get(event.anchor, (None, 0))
        if not weight:
            raise DocumentFault(f"`{self._name}` has the alias `*{event.anchor}`, which stands for nothing or holds itself")
        self._count(weight)
        self._place(value)

    def _place(self, value: Any) -> None:
        if not self._stack:
            if self._root is not _NO_KEY:
                raise DocumentFault(f"`{self._name}` holds more than one document")
            self._root = value
            return
        top = self._stack[-1]
        if type(top.value) is list:
            top.value.append(value)
        elif top.key is _NO_KEY:
            top.key = value if isinstance(value, str) else str(value)
        else:
            if top.key == "<<":
                top.merges += [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]
            else:
                top.value[top.key] = value
            top.key = _NO_KEY

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise DocumentFault(f"`{self._name}` holds more than {MAX_NODES} values, aliases counted by what they stand for")


def _plain(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2 (§10.3.2), without octal, hexadecimal and what JSON can't hold."""
    if text[:1] in _NUMBER_STARTS:
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text
    return _WORDS.get(text, text)
