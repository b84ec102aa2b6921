"""What every response carries."""

from __future__ import annotations

from typing import Any

from gateway.server.outgoing import PIECE, Outgoing


def test_defaults_are_safe() -> None:
    assert dict(Outgoing(200, b"{}").all_headers()) == {
        b"x-content-type-options": b"nosniff",
        b"cache-control": b"no-store",
        b"referrer-policy": b"no-referrer",
        b"content-length": b"2",
        b"content-type": b"application/json",
    }


def test_own_headers_take_the_place_of_defaults() -> None:
    headers = Outgoing(200, b"a,b", headers=((b"cache-control", b"max-age=5"), (b"content-type", b"text/csv"))).all_headers()
    assert [value for name, value in headers if name == b"cache-control"] == [b"max-age=5"]
    assert [value for name, value in headers if name == b"content-type"] == [b"text/csv"]


def test_no_content_has_no_length_and_no_type() -> None:
    assert {name for name, _ in Outgoing(204).all_headers()} == {b"x-content-type-options", b"cache-control", b"referrer-policy"}


async def test_a_large_one_is_sent_in_pieces() -> None:
    for length in (PIECE - 1, PIECE, PIECE + 1, 3 * PIECE):
        sent = []

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        body = bytes(range(256)) * (length // 256) + b"x" * (length % 256)
        await Outgoing(200, body).send(send)
        assert b"".join(message["body"] for message in sent[1:]) == body
        assert [message.get("more_body", False) for message in sent[1:]] == [True] * (-(-length // PIECE) - 1) + [False]


async def test_it_is_sent_whole() -> None:
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    response = Outgoing(404, b"{}")
    await response.send(send)
    assert sent == [
        {"type": "http.response.start", "status": 404, "headers": response.all_headers()},
        {"type": "http.response.body", "body": b"{}"},
    ]
