"""Every record is one line, whatever its values hold."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.log_format import LONGEST_VALUE, MOST_MEMBERS, Form, formatter


def record(message: str, *args: Any, fields: dict[str, Any] | None = None, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error is not None else None
    made = logging.LogRecord("gateway.x", logging.WARNING, "", 0, message, args, info)
    made.created = 1_795_000_000.25
    if fields is not None:
        made.fields = fields
    return made


def line(made: logging.LogRecord, form: Form = "json") -> str:
    return formatter(form, "acme")(made)


def test_a_requests_record_has_its_members_and_no_others() -> None:
    assert json.loads(line(record("request", fields={"request_id": "r-1", "latency_ms": 1.5, "steps": {"a": {"status": "ok"}}}))) == {
        "timestamp": "2026-11-18T11:06:40.250Z",
        "level": "warning",
        "service": "acme",
        "event": "request",
        "request_id": "r-1",
        "latency_ms": 1.5,
        "steps": {"a": {"status": "ok"}},
    }


def fail(depth: int) -> None:
    if depth:
        fail(depth - 1)
    try:
        raise LookupError("SELECT secret FROM https://internal.example")
    except LookupError as error:
        raise ValueError("the key is s3cret") from error


def test_another_record_has_a_message_and_a_bounded_traceback_that_quotes_no_error() -> None:
    try:
        fail(40)
    except ValueError as error:
        told = json.loads(line(record("source %s is %s", "erp", "away", error=error)))
    assert (told["event"], told["logger"], told["message"]) == ("log", "gateway.x", "source erp is away")
    assert told["traceback"].endswith("builtins.ValueError\n")
    assert len(told["traceback"]) < 21_000


def test_the_cause_is_told_first_and_no_message_of_either() -> None:
    try:
        fail(0)
    except ValueError as error:
        told = json.loads(line(record("failed", error=error)))["traceback"]
    assert told.index("builtins.LookupError\n") < told.index("builtins.ValueError\n")
    written = [each for each in told.splitlines() if "raise" not in each]
    assert not [each for each in written if "s3cret" in each or "internal" in each]


HOSTILE = 'x\r\n{"level":"info"}\x1b[2J\u2028\u0085\ud800\x00"'


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_value_can_begin_a_line_or_steer_a_terminal(form: Form) -> None:
    written = line(record("request", fields={"session": HOSTILE, "steps": {HOSTILE: HOSTILE}}), form)
    assert written.isascii()
    assert written.isprintable()
    if form == "json":
        assert json.loads(written)["session"] == HOSTILE


@given(st.text(), st.sampled_from(["json", "text"]))
def test_any_message_is_one_line(text: str, form: Form) -> None:
    written = line(record("%s", text), form)
    assert written.isprintable()
    assert written.isascii()


def test_values_are_bounded() -> None:
    fields = {"user": "u" * 5000, "steps": {str(number): number for number in range(1000)}, "deep": [[[[[[[[1]]]]]]]], "odd": object}
    told = json.loads(line(record("request", fields=fields)))
    assert told["user"] == "u" * LONGEST_VALUE + "… (5000 characters)"
    assert len(told["steps"]) == MOST_MEMBERS
    assert told["deep"] == [[[["[[[[1]]]]"]]]]
    assert told["odd"] == "<class 'object'>"


def test_the_text_form_is_for_reading() -> None:
    fields = {"request_id": "r-1", "user": "Ann Other", "intent": None, "steps": {}, "status": "complete", "latency_ms": 2.5}
    assert line(record("request", fields=fields), "text") == (
        '2026-11-18T11:06:40.250Z WARNING request request_id=r-1 user="Ann Other" status=complete latency_ms=2.5'
    )


def test_a_traceback_in_text_stands_below_its_line() -> None:
    try:
        sys.modules["no such module\n"]
    except KeyError as error:
        lines = line(record("failed", error=error), "text").splitlines()
    assert lines[0].endswith("message=failed")
    assert all(part.startswith("  | ") for part in lines[1:])
    assert len(lines) > 2


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_is_not_to_stand_in_a_log_is_taken_out_of_every_text(form: Form) -> None:
    def hide(text: str) -> str:
        return text.replace("ann@example.org", "[email]")

    write = formatter(form, "acme", hide)
    told = write(record("request", fields={"user": "ann@example.org", "steps": {"ann@example.org": ["to ann@example.org", 1, None]}}))
    told += write(record("wrote to %s", "ann@example.org"))
    assert "ann@" not in told
    assert told.count("[email]") == 4


def test_nothing_of_it_is_left_where_a_text_is_cut() -> None:
    write = formatter("json", "acme", lambda text: text.replace("ann@example.org", "[email]"))
    for before in range(LONGEST_VALUE - 20, LONGEST_VALUE + 1):
        assert "ann" not in write(record("request", fields={"user": "x" * before + "ann@example.org" + "y" * 50}))
