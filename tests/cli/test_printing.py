"""What stdout can't hold is replaced."""

from __future__ import annotations

import io
import json
import sys

import pytest

from gateway.cli.printing import encoding_of_stdout, print_json, print_text, unicode_on_stdout


@pytest.mark.parametrize(
    ("encoding", "shown", "unicode"),
    [("ascii", b"gr??er \n", False), ("latin-1", b"gr\xf6\xdfer \n", False), ("utf-8", "größer \n".encode(), True)],
)
def test_a_text_in_any_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str, shown: bytes, unicode: bool) -> None:
    kept = io.BytesIO()
    with io.TextIOWrapper(kept, encoding=encoding, write_through=True) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        print_text("größer \n")
        assert (kept.getvalue(), unicode_on_stdout()) == (shown, unicode)
        print_json({"ä": ["日"]})
        assert json.loads(kept.getvalue().removeprefix(shown).decode(encoding)) == {"ä": ["日"]}
        monkeypatch.undo()


def test_a_stream_that_has_no_encoding_takes_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert encoding_of_stdout() == "ascii"
    print_text("ä\n")
    assert stream.getvalue() == "?\n"
