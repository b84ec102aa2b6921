"""The parser of answers, fed directly."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.net.answer import MAX_INTERIM, AnswerParser
from gateway.net.fields import MAX_BYTES
from gateway.sdk import BadResponse
from tests.net.answers_contract import BAD, GOOD
from tests.net.contract import lines

OK = lines("200 OK", "content-length: 2") + b"ok"
CHUNKED = lines("200 OK", "transfer-encoding: chunked")


def parser(limit: int = 1000, *, no_body: bool = False) -> AnswerParser:
    made = AnswerParser()
    made.expect(limit, no_body=no_body)
    return made


def test_one_parser_reads_one_answer_after_the_other() -> None:
    made = parser()
    for _ in range(3):
        assert made.feed(OK)
        assert (made.response().status_code, made.response().body, made.reusable) == (200, b"ok", True)
        made.expect(1000, no_body=False)


@given(answer=st.sampled_from([*GOOD.values(), *BAD.values()]), noise=st.binary(max_size=4), at=st.integers(0, 80), cut=st.integers(0, 200))
def test_any_bytes_are_an_answer_or_a_bad_response(answer: bytes, noise: bytes, at: int, cut: int) -> None:
    mangled = answer[:at] + noise + answer[at + 1 :]
    made = parser()
    try:
        complete = made.feed(mangled[:cut])
        complete = complete or made.feed(mangled[cut:])
        if not complete:
            made.end()
        assert len(made.response().body) <= 1000
    except BadResponse:
        return


@pytest.mark.parametrize(
    ("answer", "reusable"),
    [
        (OK, True),
        (lines("200 OK", "connection: close", "content-length: 2") + b"ok", False),
        (lines("200 OK", "connection: keep-alive", "content-length: 2").replace(b"1.1", b"1.0") + b"ok", True),
        (lines("200 OK", "content-length: 2").replace(b"1.1", b"1.0") + b"ok", False),
        (OK + b"x", False),
        (OK + OK, False),
        (lines("204 No Content"), True),
        (lines("204 No Content", "content-length: 2") + b"ok", False),
        (CHUNKED + b"0\r\n\r\n", True),
        (CHUNKED + b"0\r\n\r\nx", False),
    ],
)
def test_a_connection_is_reusable_where_nothing_speaks_against_it(answer: bytes, reusable: bool) -> None:
    made = parser()
    assert made.feed(answer)
    assert made.reusable is reusable


def test_an_answer_to_head_ends_with_its_head() -> None:
    made = parser(1, no_body=True)
    assert made.feed(lines("200 OK", "content-length: 2000", "content-encoding: gzip"))
    assert made.response().headers == {"content-length": "2000", "content-encoding": "gzip"}
    assert not made.reusable


def test_only_an_answer_without_a_length_ends_with_the_connection() -> None:
    made = parser()
    assert not made.feed(lines("200 OK") + b"ok")
    made.end()
    assert made.response().body == b"ok"
    for begun in (b"", b"HTTP/1.1 200", lines("100 Continue"), OK[:-1], CHUNKED + b"2\r\nok\r\n"):
        made = parser()
        assert not made.feed(begun)
        with pytest.raises(BadResponse):
            made.end()


def test_interim_answers_are_counted() -> None:
    assert parser().feed(lines("103 Early Hints", "link: </a>") * MAX_INTERIM + OK)
    with pytest.raises(BadResponse):
        parser().feed(lines("103 Early Hints") * (MAX_INTERIM + 1) + OK)


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"HTTP/1.1 200 OK\r\nx: ", b"y"),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        (b"HTTP/1.1 200 ", b"y"),
        (CHUNKED + b"1", b";x=y"),
        (CHUNKED + b"1\r\nx\r\n0\r\nx: ", b"y"),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"x: y\r\n"),
        (b"", b"\r\n"),
    ],
    ids=["value", "lines", "reason", "chunk extension", "trailer value", "trailers", "empty lines"],
)
def test_what_is_no_body_is_bounded_wherever_it_comes(begun: bytes, more: bytes) -> None:
    made = parser(10**9)
    assert not made.feed(begun)
    piece = more * 1000
    with pytest.raises(BadResponse):
        feed_all(made, [piece] * (2 * MAX_BYTES // len(piece) + 2))


def feed_all(made: AnswerParser, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        assert not made.feed(piece)


def test_a_large_head_in_one_piece_is_refused_and_a_large_body_is_not() -> None:
    with pytest.raises(BadResponse):
        parser().feed(lines("200 OK", *(["x: " + "y" * 1000] * 100), "content-length: 0"))
    assert parser(10**6).feed(lines("200 OK", "content-length: 500000") + bytes(500_000))


@pytest.mark.parametrize("coding", ["gzip", "gzip, chunked", "chunked, chunked", "identity"])
def test_transfer_codings_that_were_not_asked_for_are_refused(coding: str) -> None:
    with pytest.raises(BadResponse):
        parser().feed(lines("200 OK", f"transfer-encoding: {coding}") + b"0\r\n\r\n")


@pytest.mark.parametrize("status", ["101 Switching Protocols", "099 Odd", "000 None"])
def test_statuses_that_answer_nothing_are_refused(status: str) -> None:
    with pytest.raises(BadResponse):
        parser().feed(lines(status, "content-length: 0"))
