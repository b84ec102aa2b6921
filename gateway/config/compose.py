"""Turns the events of one YAML document into nodes, and refuses what the spec language does not have (language §1)."""

from __future__ import annotations

import re
from typing import Any

import yaml

from gateway.config import scalars
from gateway.config.nodes import Mapping, Node, Scalar, Sequence, Style
from gateway.config.source_text import SourceText
from gateway.config.syntax import explain, quoted
from gateway.sdk.problem import Path, Problem

MOST_LEVELS = 64
MOST_PROBLEMS = 200

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_CORE_TYPES: dict[str, type[Any]] = {"int": int, "float": float, "bool": bool, "null": type(None)}
_TEXT_TAGS = frozenset({"!", _CORE + "str"})
_PLAIN: Style = ""
_DASH = re.compile(r"[\r\n][ \t]*-(?=[ \t\r\n])")
_QUOTE = "quote it where text is meant"


class _Open:
    """A mapping (with `entries`) or list (with `items`) whose end has not come yet.

    `key` is the key whose value comes next; `skip` drops that value.
    """

    __slots__ = ("anchor", "entries", "first", "flow", "has_alias", "items", "key", "skip", "start")

    def __init__(self, start: int, *, flow: bool, mapping: bool, anchor: str | None, first: int) -> None:
        self.start = start
        self.flow = flow
        self.entries: dict[str, tuple[Scalar, Node]] | None = {} if mapping else None
        self.items: list[Node] = []
        self.anchor = anchor
        self.first = first
        self.key: Scalar | None = None
        self.skip = False
        self.has_alias = False

    @property
    def awaits_key(self) -> bool:
        return self.key is None and self.entries is not None

    def closed(self, text: SourceText, end: int) -> Mapping | Sequence:
        """The node, now that all of it is there."""
        if self.entries is not None:
            return Mapping(text, self.start, end, self.flow, self.entries)
        return Sequence(text, self.start, end, self.flow, self.items)


class _Anchored:
    """What an anchor names: its node (None while it is open), how many nodes it has, whether aliases are among them."""

    def __init__(self, node: Node | None, nodes: int, has_alias: bool) -> None:
        self.node = node
        self.nodes = nodes
        self.has_alias = has_alias


class _Stop(Exception):
    """The rest of the document is not read."""


class Composer:
    """Composes one document. `origin` is the offset of its text in the file, `cuts` where comments that hold `${` start."""

    def __init__(self, text: SourceText, origin: int, cuts: dict[int, int], most_nodes: int) -> None:
        self._text = text
        self._origin = origin
        self._cuts = cuts
        self._most_nodes = most_nodes
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._told: set[tuple[str, int]] = set()
        self._last: Scalar | None = None
        self._root: Node | None = None
        self.nodes = 0
        self.problems: list[Problem] = []
        self.broken: list[Path] = []

    def compose(self, piece: str) -> tuple[Node | None, bool]:
        """The document's node (None where it has no content), and whether it was read to its end."""
        loader = _LOADER(piece)
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
        }
        try:
            while (event := loader.get_event()).__class__ is not yaml.StreamEndEvent:
                handler = handlers.get(event.__class__)
                if handler is not None:
                    handler(event)
        except yaml.YAMLError as fault:
            if self._last is None or self._last.end not in self._cuts:
                self.problems.append(explain(self._text, self._origin, piece, fault, last=self._last, flow=self._flow_start()))
            return None, False
        except _Stop:
            return None, False
        finally:
            loader.dispose()
        return self._root, True

    def _scalar(self, event: Any) -> None:
        self._count(event, 1)
        start, end = self._origin + event.start_mark.index, self._origin + event.end_mark.index
        written: str = event.value
        style: Style = event.style or _PLAIN
        top = self._open[-1] if self._open else None
        if top is not None and top.key is None and top.entries is not None:
            if event.tag is not None:
                self._refuse_tag(event, "str")
            self._last = node = Scalar(self._text, start, end, style, written, written)
        else:
            value = written if style and event.tag is None else self._value(event, start, end)
            self._last = node = Scalar(self._text, start, end, style, written, value)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(node, 1, has_alias=False)
        self._add(node)

    def _value(self, event: Any, start: int, end: int) -> Any:
        written: str = event.value
        if event.style:
            return written if self._tag_fits(event, written) else self._break_value()
        cut = self._cuts.get(end)
        if cut is not None:
            hint = "quote the whole value: ` #` starts a comment"
            self._problem("GW009", "YAML cuts this value at ` #`, and a `${` is lost behind it", cut, self._line_end(cut), hint=hint)
            return self._break_value()
        if event.start_mark.line != event.end_mark.line and self._swallows_a_dash(start, end):
            return self._break_value()
        value = written if event.tag in _TEXT_TAGS else scalars.resolve(written)
        if isinstance(value, scalars.Refused):
            self._problem("GW010", value.message, start, end, hint=value.hint)
            return self._break_value()
        return value if event.tag is None or self._tag_fits(event, value) else self._break_value()

    def _swallows_a_dash(self, start: int, end: int) -> bool:
        """Reports a `- ` that YAML takes for a part of the text above it."""
        found = _DASH.search(self._text.text, start, end)
        if found is None:
            return False
        if self._text.text[start] == "-":
            self._problem("GW003", "a space is missing behind this `-`", start, start + 1)
        else:
            hint = "indent it like the `- ` above it, or quote the text"
            self._problem("GW003", "this `- ` belongs to the text above it", found.end() - 1, found.end(), hint=hint)
        return True

    def _tag_fits(self, event: Any, value: Any) -> bool:
        """Whether a scalar's tag is absent or one of YAML's own that says what the value is anyway."""
        tag: str | None = event.tag
        if tag is None or tag in _TEXT_TAGS:
            return True
        if tag.startswith(_CORE) and type(value) is _CORE_TYPES.get(tag.removeprefix(_CORE)):
            return True
        self._foreign_tag(event)
        return False

    def _refuse_tag(self, event: Any, fits: str) -> None:
        """Refuses a tag that is not the one of `fits`."""
        if event.tag is not None and event.tag not in {"!", _CORE + fits}:
            self._foreign_tag(event)
            self._break_value()

    def _foreign_tag(self, event: Any) -> None:
        start = self._bounds(event)[0]
        end = self._token_end(start)
        shown = self._text.text[start:end]
        self._problem(
            "GW006",
            f"YAML reads `{shown}` as a tag, and tags are not used here",
            start,
            end,
            hint=quoted(self._text.text[start : max(end, self._bounds(event)[1])]) if event.__class__ is yaml.ScalarEvent else "remove it",
        )

    def _start(self, event: Any) -> None:
        self._count(event, 1)
        start, end = self._bounds(event)
        if len(self._open) >= MOST_LEVELS:
            self._problem("GW011", f"more than {MOST_LEVELS} levels of nesting", start, end)
            raise _Stop
        mapping = event.__class__ is yaml.MappingStartEvent
        self._refuse_tag(event, "map" if mapping else "seq")
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(None, 0, has_alias=False)
        self._open.append(_Open(start, flow=bool(event.flow_style), mapping=mapping, anchor=event.anchor, first=self.nodes))

    def _end(self, event: Any) -> None:
        closed = self._open.pop()
        node = closed.closed(self._text, self._origin + event.end_mark.index)
        if closed.anchor:
            self._anchors[closed.anchor] = _Anchored(node, self.nodes - closed.first + 1, closed.has_alias)
        if self._open and closed.has_alias:
            self._open[-1].has_alias = True
        self._add(node)

    def _alias(self, event: Any) -> None:
        start, end = self._bounds(event)
        node = Scalar(self._text, start, end, "", "", None)
        if self._open and self._open[-1].awaits_key:
            self._problem("GW015", "an alias can't be a key", start, end, hint=_QUOTE)
            self._open[-1].key, self._open[-1].skip = node, True
            return
        anchored = self._anchors.get(event.anchor)
        fault = _alias_fault(event.anchor, anchored)
        if anchored is None or anchored.node is None or fault:
            message, hint = fault or ("", "")
            if (event.anchor, line := self._text.line_of(start)) not in self._told:
                self._told.add((event.anchor, line))
                self._problem("GW007", message, start, end, hint=hint)
            self._break_value()
            self._add(node)
            return
        self._count(event, anchored.nodes)
        for outer in self._open[-1:]:
            outer.has_alias = True
        self._add(anchored.node)

    def _add(self, node: Node) -> None:
        """Puts a finished node where it belongs: the root, a list's next item, a mapping's next key or value."""
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        if top.entries is None:
            top.items.append(node)
        elif top.key is None:
            self._add_key(top, top.entries, node)
        else:
            if not top.skip:
                top.entries[top.key.written] = (top.key, node)
            top.key, top.skip = None, False

    def _add_key(self, top: _Open, entries: dict[str, tuple[Scalar, Node]], node: Node) -> None:
        if not isinstance(node, Scalar):
            end = node.end if node.flow else self._token_end(node.start)
            self._problem("GW015", "a key must be text", node.start, end, hint=_QUOTE)
            self.broken.append(self._path()[:-1])
            node = Scalar(self._text, node.start, node.end, "", "", None)
            top.skip = True
        top.key = node
        if not top.skip:
            top.skip = self._key_fault(entries, node)

    def _key_fault(self, entries: dict[str, tuple[Scalar, Node]], key: Scalar) -> bool:
        """Reports a key that is not allowed; true where its value has no place to go."""
        text, start, end = key.written, key.start, key.end
        earlier = entries.get(text)
        if key.style == "" and text == "<<":
            self._problem("GW005", "the merge key `<<` is not used here", start, end, hint="use `extends`, or write the keys out")
            self.broken.append(self._path()[:-1])
            return True
        if earlier is not None:
            line = self._text.line_of(earlier[0].start)
            self._problem("GW004", f"duplicate key `{_short(text)}`, first written in line {line}", start, end, hint="keep one of them")
        elif "${" in text:
            self._problem("GW008", "`${` can't be used in a key", start, end, hint="keys are fixed; use a list of pairs or a `$each`")
        elif not text and not key.style:
            self._problem("GW015", "a key is missing here", start, end)
        else:
            return False
        self._break_value()
        return earlier is not None

    def _count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > self._most_nodes:
            start, end = self._bounds(event)
            self._problem("GW011", "the file holds too many values", start, end, hint="split it into several files")
            raise _Stop

    def _bounds(self, event: Any) -> tuple[int, int]:
        return self._origin + event.start_mark.index, self._origin + event.end_mark.index

    def _flow_start(self) -> int | None:
        """Where the innermost `[` or `{` starts that is not closed yet (a pair in a list is a mapping without one)."""
        starts = (level.start for level in reversed(self._open) if level.flow)
        return next((start for start in starts if self._text.text[start] in "[{"), None)

    def _path(self) -> Path:
        """The path of the value that comes next."""
        steps: list[str | int] = []
        for level in self._open:
            if level.entries is None:
                steps.append(len(level.items))
            else:
                steps.append("" if level.key is None else level.key.written)
        return tuple(steps)

    def _break_value(self) -> None:
        self.broken.append(self._path())

    def _problem(self, code: str, message: str, start: int, end: int, *, hint: str | None = None) -> None:
        self.problems.append(Problem(code, "error", message, self._text.place(start, end), self._path(), hint))
        if len(self.problems) > MOST_PROBLEMS:
            raise _Stop

    def _token_end(self, start: int) -> int:
        """The offset of the first white space behind `start`."""
        text = self._text.text
        end = start
        while end < len(text) and end - start < 80 and not text[end].isspace():
            end += 1
        return end

    def _line_end(self, start: int) -> int:
        place = self._text.place(start, len(self._text.text))
        return start + place.end - place.column


def _alias_fault(name: str, anchored: _Anchored | None) -> tuple[str, str] | None:
    if anchored is None:
        return f"`*{name}` names no anchor", quoted(f"*{name}")
    if anchored.node is None:
        return f"`*{name}` stands inside what it names", "write the value out"
    if anchored.has_alias:
        return f"`*{name}` names a value that holds aliases itself; such aliases multiply", "write the value out"
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
