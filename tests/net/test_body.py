"""Bodies under a limit: the same whatever pieces they arrive in, and bounded work for hostile ones."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.net.body import MAX_MEMBERS, Body, PackedBody, PlainBody, body_for
from gateway.sdk import BadResponse


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {"identity": bytes, "gzip": gzip.compress, "zlib": zlib.compress, "raw": raw_deflate}
ENCODINGS = {"identity": "identity", "gzip": "gzip", "zlib": "deflate", "raw": "deflate"}


def collect(encoding: str, data: bytes, limit: int, *cuts: int) -> bytes:
    body = body_for({"content-encoding": encoding}, limit)
    edges = [0, *sorted(cuts), len(data)]
    for start, end in pairwise(edges):
        body.feed(data[start:end])
    return body.finish()


@given(data=st.binary(max_size=200), packing=st.sampled_from(sorted(PACKERS)), cuts=st.lists(st.integers(0, 250), max_size=5))
def test_pieces_make_no_difference(data: bytes, packing: str, cuts: list[int]) -> None:
    packed = PACKERS[packing](data)
    assert collect(ENCODINGS[packing], packed, 1000, *(min(cut, len(packed)) for cut in cuts)) == data


@given(data=st.binary(max_size=300), packing=st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_unpack_or_are_a_bad_response(data: bytes, packing: str) -> None:
    try:
        assert len(collect(packing, data, 1000)) <= 1000
    except BadResponse:
        return


@pytest.mark.parametrize("packing", PACKERS)
def test_the_limit_holds_for_what_comes_out(packing: str) -> None:
    packed = PACKERS[packing](bytes(1000))
    assert collect(ENCODINGS[packing], packed, 1000) == bytes(1000)
    with pytest.raises(BadResponse):
        collect(ENCODINGS[packing], packed, 999)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_the_limit_holds_for_what_goes_in_too(encoding: str) -> None:
    """Empty blocks may go on for ever without unpacking to anything."""
    packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    body = body_for({"content-encoding": encoding}, 1000)
    body.feed(packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH))
    empty_block = b"\x00\x00\x00\xff\xff"
    with pytest.raises(BadResponse):
        feed_all(body, [empty_block] * 1000)


def feed_all(body: Body, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        body.feed(piece)


def test_members_are_counted() -> None:
    body = PackedBody(10_000_000, 31)
    with pytest.raises(BadResponse):
        body.feed(gzip.compress(b"") * (MAX_MEMBERS + 1))


@pytest.mark.parametrize("packing", ["zlib", "raw"])
def test_nothing_may_follow_deflate(packing: str) -> None:
    with pytest.raises(BadResponse):
        collect("deflate", PACKERS[packing](b"hello") + b"x", 1000)


def test_no_bytes_at_all_are_an_empty_body_whatever_the_packing() -> None:
    assert collect("gzip", b"", 10) == collect("deflate", b"", 10) == b""


@pytest.mark.parametrize("length", ["11", "9" * 18, "9" * 5000])
def test_a_length_beyond_the_limit_is_refused_before_the_first_byte(length: str) -> None:
    with pytest.raises(BadResponse):
        body_for({"content-length": length}, 10)


def test_one_piece_is_not_copied() -> None:
    piece = b"x" * 100
    body = PlainBody(100)
    body.feed(piece)
    assert body.finish() is piece
