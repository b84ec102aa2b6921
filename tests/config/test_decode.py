"""Bytes to text: UTF-8 only, nothing hidden."""

from __future__ import annotations

import pytest

from gateway.config.decode import decode
from gateway.sdk.problem import Place


def test_plain_utf8_has_no_problems() -> None:
    text, problems = decode("a.yaml", "grüße: 日本 🚚\n".encode())
    assert (text.text, problems) == ("grüße: 日本 🚚\n", [])


def test_a_leading_byte_order_mark_is_not_a_column() -> None:
    text, problems = decode("a.yaml", b"\xef\xbb\xbfa: 1")
    assert (text.text, problems) == ("a: 1", [])


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"a: 1\nb: \xff", "byte 0xFF is not UTF-8", Place("a.yaml", 2, 4, 5)),
        ("ä: \x00".encode(), "the control character U+0000 is not allowed", Place("a.yaml", 1, 4, 5)),
        (b"a: \x1b[31m", "the control character U+001B is not allowed", Place("a.yaml", 1, 4, 5)),
        ("a: x\u2028y".encode(), "the line separator U+2028 is not allowed", Place("a.yaml", 1, 5, 6)),
        ("a: x\x85y".encode(), "the line separator U+0085 is not allowed", Place("a.yaml", 1, 5, 6)),
        ("a: \ufeff".encode(), "a byte order mark in the middle of the file", Place("a.yaml", 1, 4, 5)),
        (b"a: \xed\xa0\x80", "byte 0xED is not UTF-8", Place("a.yaml", 1, 4, 5)),
    ],
)
def test_what_is_refused(content: bytes, message: str, place: Place) -> None:
    _, problems = decode("a.yaml", content)
    assert (problems[0].code, problems[0].message, problems[0].place) == ("GW002", message, place)
    assert problems[0].hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named(encoding: str) -> None:
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    text, problems = decode("a.yaml", mark + "a: 1".encode(encoding))
    assert [problem.message for problem in problems] == ["the file is UTF-16"]
    assert text.text == ""


def test_refused_characters_keep_their_place_for_the_others() -> None:
    text, problems = decode("a.yaml", b"\x01\x02a: 1")
    assert text.text == "\ufffd\ufffda: 1"
    assert len(problems) == 2


def test_a_binary_file_is_told_in_a_few_lines() -> None:
    _, problems = decode("a.yaml", bytes(range(256)) * 100)
    assert len(problems) == 20
