"""Header fields as callers see them."""

from __future__ import annotations

import pytest

from gateway.net.fields import MAX_LINES, fold, size_of, unpacked
from gateway.sdk import BadResponse


def test_names_are_lowered_values_stripped_and_repetitions_joined() -> None:
    assert fold([(b"X-A", b" 1\t"), (b"b", b"\xe9"), (b"x-a", b"2")]) == {"x-a": "1, 2", "b": "\xe9"}


def test_lines_are_counted() -> None:
    lines = [(b"x", b"y")] * MAX_LINES
    assert list(fold(lines)) == ["x"]
    with pytest.raises(BadResponse):
        fold([*lines, (b"x", b"y")])


def test_the_size_is_that_of_names_and_values() -> None:
    assert size_of([(b"abc", b"de"), (b"f", b"")]) == 6


def test_fields_that_spoke_of_the_packed_body_go_with_it() -> None:
    assert unpacked({"content-encoding": "gzip", "content-length": "5", "x": "y"}) == {"x": "y"}
    assert unpacked({"content-length": "5", "x": "y"}) == {"content-length": "5", "x": "y"}
