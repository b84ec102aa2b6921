from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import msgspec
import pytest

from gateway.app import prepare
from gateway.cli.logging_out import logging_to_stderr, logging_together


@pytest.mark.parametrize("form", ["json", "text"])
def test_records_go_to_stderr_until_the_end(folder: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    plan = prepare(folder, environ={}).plan
    assert plan is not None
    with logging_to_stderr(msgspec.structs.replace(plan, logs=form)):
        logging.getLogger("gateway.test").warning("one %s", "word")
    logging.getLogger("gateway.test").debug("after the end")
    (line,) = stream.getvalue().splitlines()
    if form == "json":
        assert json.loads(line)["service"] == "shop"
    assert "one word" in line


def test_before_workers_are_forked_records_are_written_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    plan = prepare(folder, environ={}).plan
    assert plan is not None
    with logging_together(plan) as log:
        logging.getLogger("gateway.test").warning("one")
        assert json.loads(stream.getvalue())["message"] == "one"
        log.fork_off(2)
        logging.getLogger("gateway.test").warning("two")
    assert [json.loads(line).get("worker") for line in stream.getvalue().splitlines()] == [None, 2]
