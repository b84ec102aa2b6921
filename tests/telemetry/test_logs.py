"""The log never stands in the way of a request: bounded, threaded, and given back at the end."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.telemetry.logs import LogWriter


@pytest.fixture
def root_level() -> Iterator[int]:
    before = logging.getLogger().level
    yield before
    assert logging.getLogger().level == before


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_records_are_written_by_the_thread_in_order(root_level: int) -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, service="acme")
    writer.start()
    for number in range(50):
        logging.getLogger("gateway.x").info("line %s", number)
    logging.getLogger("elsewhere").info("too quiet to be told")
    logging.getLogger("elsewhere").warning("loud")
    writer.close()
    assert [told["message"] for told in lines(stream)] == [*(f"line {number}" for number in range(50)), "loud"]
    logging.getLogger("gateway.x").warning("after the end")
    assert len(lines(stream)) == 51
    writer.close()


def test_nothing_is_written_on_the_callers_time() -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, service="acme")
    writer.emit(logging.LogRecord("x", logging.INFO, "", 0, "later", (), None))
    assert stream.getvalue() == ""
    writer.drain()
    assert [told["message"] for told in lines(stream)] == ["later"]


def test_what_does_not_fit_is_dropped_and_told() -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, service="acme", capacity=2)
    for number in range(5):
        writer.emit(logging.LogRecord("x", logging.INFO, "", 0, "line %s", (number,), None))
    writer.drain()
    writer.drain()
    assert [told["message"] for told in lines(stream)] == [
        "line 0",
        "line 1",
        "3 log records were dropped: they came faster than they could be written",
    ]
    assert writer.dropped == 3


class Unreadable:
    def __str__(self) -> str:
        raise RuntimeError("hush")


@pytest.mark.parametrize("args", [("one", "two"), (Unreadable(),)])
def test_an_unreadable_record_costs_itself_only(args: tuple[object, ...]) -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, service="acme")
    writer.emit(logging.LogRecord("lib", logging.INFO, "", 0, "%s", args, None))
    writer.emit(logging.LogRecord("lib", logging.INFO, "", 0, "next", (), None))
    writer.drain()
    first, second = lines(stream)
    assert first["message"].startswith("a log record of `lib` could not be written")
    assert "hush" not in first["message"]
    assert second["message"] == "next"


def test_a_broken_stream_is_no_fault_of_the_request() -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, service="acme")
    stream.close()
    writer.emit(logging.LogRecord("x", logging.INFO, "", 0, "lost", (), None))
    writer.drain()
    assert writer.dropped == 1


def test_a_process_that_is_to_be_forked_has_no_thread(root_level: int) -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, service="acme")
    before = threading.active_count()
    writer.start(at_once=True)
    logging.getLogger("gateway.x").info("first")
    assert (threading.active_count(), [told["message"] for told in lines(stream)]) == (before, ["first"])
    writer.fork_off(3)
    assert threading.active_count() == before + 1
    logging.getLogger("gateway.x").info("second")
    writer.close()
    assert [(told["message"], told.get("worker")) for told in lines(stream)] == [("first", None), ("second", 3)]
    assert threading.active_count() == before


def test_turns_are_taken_round_each_write() -> None:
    taken: list[str] = []

    class Told(io.StringIO):
        def write(self, text: str, /) -> int:
            taken.append("write")
            return super().write(text)

    class Turns:
        def __enter__(self) -> None:
            taken.append("take")

        def __exit__(self, *_: object) -> None:
            taken.append("give")

    writer = LogWriter(Told(), service="acme", turns=Turns())
    for text in ("a", "b"):
        writer.emit(logging.LogRecord("x", logging.INFO, "", 0, text, (), None))
        writer.drain()
    assert taken == ["take", "write", "give"] * 2
