"""The head of a request: whatever it is made of, a parser reads back exactly that."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.net.head import RequestHead
from gateway.net.server import Server
from gateway.sdk import HttpRequest, InvalidRequest

HEAD = RequestHead(Server.parse("https://orders.example/base"))

anything = st.text(st.sampled_from("aZ09-: \t\r\n\0#/?%\x7f\x85\xe9\u20ac,;\"'"), max_size=8)


class Read:
    """What a parser makes of a head."""

    def __init__(self, head: bytes) -> None:
        self.target = b""
        self.headers: list[tuple[str, str]] = []
        self.complete = 0
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(head)
        self.method = parser.get_method().decode()

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.complete += 1


@given(
    method=st.sampled_from(["GET", "DELETE", "G T", ""]) | anything,
    target=anything.map("/".__add__) | anything,
    headers=st.lists(st.tuples(anything, anything), max_size=3),
)
def test_a_head_is_refused_or_read_back_as_it_was_meant(method: str, target: str, headers: list[tuple[str, str]]) -> None:
    request = HttpRequest(method, target, 0, headers)
    try:
        head = HEAD.render(request)
    except InvalidRequest:
        return
    assert head.count(b"\r\n") == len(HEAD.headers(request)) + 2
    try:
        read = Read(head)
    except httptools.HttpParserError:
        assert method not in {"GET", "DELETE"}  # a method that this parser doesn't know
        return
    assert (read.method, read.target.decode(), read.complete) == (method, f"/base{target}", 1)
    assert read.headers == [(name, value.lstrip(" \t")) for name, value in HEAD.headers(request)]


def test_the_messages_of_refusals_show_nothing_of_the_request() -> None:
    for secret in ("secret\r\n", "secret\0"):
        with pytest.raises(InvalidRequest) as caught:
            HEAD.render(HttpRequest("GET", "/", 0, [("x", secret)]))
        assert "secret" not in caught.value.message
