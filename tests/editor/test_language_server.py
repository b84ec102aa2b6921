"""The client never waits for ever."""

from __future__ import annotations

import sys

import pytest

from tests.editor.language_server import running


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("import sys; sys.stdin.buffer.readline()", EOFError),
        ("import sys, time; sys.stdin.buffer.readline(); time.sleep(60)", TimeoutError),
        ("import sys, time; sys.stdin.buffer.readline(); print('Content-Length: 5'); print(); time.sleep(60)", TimeoutError),
    ],
)
def test_a_server_that_ends_or_says_nothing(program: str, fault: type[Exception]) -> None:
    with pytest.raises(fault), running([sys.executable, "-uSEc", program], "file:///x", {}, patience=0.1):
        pass  # pragma: no cover
