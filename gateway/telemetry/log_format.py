"""A log record as one line of text. No value can begin a line of its own or steer a terminal."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

LONGEST_VALUE = 1000
"""Characters of one text; what is behind is cut and counted."""

LONGEST_TRACEBACK = 20_000
MOST_MEMBERS = 100
MOST_CAUSES = 10
DEEPEST = 4

Form = Literal["json", "text"]
Formatter = Callable[[logging.LogRecord], str]
Hide = Callable[[str], str]
"""Takes out of a text what is not to stand in a log."""

LOOKED_AT = 2 * LONGEST_VALUE
"""Characters of one text that are gone through for what is to be hidden, so that none of it is left where the text is cut."""


def formatter(form: Form, service: str, hide: Hide | None = None, worker: int | None = None) -> Formatter:
    """`json` for machines: the members of interfaces §4. `text` for a terminal: the same on a readable line. Where there are several
    worker processes, each record tells the number of its own."""
    write = _as_json if form == "json" else _as_text
    told = {} if worker is None else {"worker": worker}
    return lambda record: write(members(record, service, hide) | told)


def members(record: logging.LogRecord, service: str, hide: Hide | None = None) -> dict[str, Any]:
    """A request's record carries its members as `fields`; any other has a `message`, and a traceback where there is one."""
    fields = getattr(record, "fields", None)
    told: dict[str, Any] = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "service": service,
        "event": record.msg if fields is not None else "log",
    }
    if fields is None:
        told |= {"logger": record.name, "message": bounded(record.getMessage(), hide)}
    else:
        told |= {name: bounded(value, hide) for name, value in fields.items()}
    if record.exc_info and record.exc_info[1] is not None:
        text = _where(record.exc_info[1])
        told["traceback"] = text if len(text) <= LONGEST_TRACEBACK else "… " + text[-LONGEST_TRACEBACK:]
    return told


def _where(error: BaseException | None) -> str:
    """Kinds of error and lines of code, the cause first. What an error says stays out: it may quote data, an address or SQL."""
    chain: list[str] = []
    while error is not None and len(chain) < MOST_CAUSES:
        chain.insert(0, f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__module__}.{type(error).__qualname__}\n")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(chain)


def bounded(value: Any, hide: Hide | None = None, depth: int = 0) -> Any:
    """`value` as JSON data of limited size, its texts without what `hide` takes out; what JSON doesn't know becomes text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict) and depth < DEEPEST:
        return {_cut(str(name), hide): bounded(member, hide, depth + 1) for name, member in list(value.items())[:MOST_MEMBERS]}
    if isinstance(value, list | tuple) and depth < DEEPEST:
        return [bounded(member, hide, depth + 1) for member in value[:MOST_MEMBERS]]
    return _cut(value if isinstance(value, str) else str(value), hide)


def _cut(text: str, hide: Hide | None) -> str:
    if hide is not None:
        text = hide(text[:LOOKED_AT]) + text[LOOKED_AT:]
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"


def _as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=True, separators=(",", ":"))


def _as_text(told: dict[str, Any]) -> str:
    head = f"{told.pop('timestamp')} {told.pop('level').upper():<7} {told.pop('event')}"
    told.pop("service")
    trace = told.pop("traceback", None)
    line = " ".join([head, *(f"{name}={_plain(value)}" for name, value in told.items() if value not in (None, {}))])
    return line if trace is None else "\n".join([line, *("  | " + _plain(part, quote=False) for part in trace.splitlines())])


def _plain(value: Any, *, quote: bool = True) -> str:
    """Words as they are, everything else as JSON in ASCII."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and not (quote and (" " in value or '"' in value or not value)):
        return value
    return json.dumps(value, ensure_ascii=True)
