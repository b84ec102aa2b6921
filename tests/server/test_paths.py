"""One reading of a path."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import Malformed
from gateway.server.paths import LONGEST, joined, segments_of
from gateway.server.refusals import UriTooLong


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/", "/"),
        (b"/v1/chat", "/v1/chat"),
        (b"/orders/", "/orders/"),
        (b"/a.b/..c/...", "/a.b/..c/..."),
        (b"/k%C3%A4se", "/käse"),
        (b"/a%20b", "/a b"),
        (b"/a/./b", "/a/b"),
        (b"/a/../b", "/b"),
        (b"/a/b/..", "/a/"),
        (b"/a/b/.", "/a/b/"),
        (b"/a/%2e%2E/b", "/b"),
        (b"/a%2Fb", "/a/b"),
        (b"/a/..%2fb", "/b"),
        (b"/%252e%252e/a", "/%2e%2e/a"),
        (b"/..%2f", None),
        (b"/..", None),
        (b"/a/../..", None),
        (b"//", None),
        (b"//evil.example/a", None),
        (b"/a//b", None),
        (b"/a/%2F/b", None),
        (b"/a/;x=1", None),
        (b"/a\\b", None),
        (b"/a%5Cb", None),
        (b"/a%00", None),
        (b"/a%0d%0aX:", None),
        (b"/a%7f", None),
        (b"/a%", None),
        (b"/a%zz", None),
        (b"/a%ff", None),
        (b"/a%c0%ae", None),
        (b"/\xc3\xa4", None),
        (b"/a b", None),
        (b"", None),
        (b"*", None),
        (b"http://x/a", None),
        (b"/" + b"a" * LONGEST, None),
    ],
)
def test_readings(raw: bytes, path: str | None) -> None:
    if path is None:
        with pytest.raises((Malformed, UriTooLong)):
            segments_of(raw)
    else:
        assert joined(segments_of(raw)) == path


@given(st.binary(max_size=60).map(lambda raw: b"/" + raw))
def test_any_bytes_are_refused_or_harmless(raw: bytes) -> None:
    try:
        segments = segments_of(raw)
    except Malformed:
        return
    assert not {".", ".."} & set(segments)
    assert "" not in segments[:-1]
    assert not any(character in segment for segment in segments for character in "/\\;\x00\r\n")


@given(st.lists(st.text(st.characters(exclude_characters="/\\;", exclude_categories=("Cc", "Cs")), min_size=1), min_size=1, max_size=4))
def test_a_quoted_segment_is_read_as_it_was_meant(segments: list[str]) -> None:
    if not {".", ".."} & set(segments):
        assert list(segments_of(("/" + "/".join(quote(segment, safe="") for segment in segments)).encode())) == segments
