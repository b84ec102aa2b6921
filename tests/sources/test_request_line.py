"""Request lines."""

from __future__ import annotations

import pytest

from gateway.sources.request_line import RequestLineFault, parse_path, parse_request_line


def test_a_line_is_taken_apart() -> None:
    line = parse_request_line("  PUT   /v2/a b/{id}/lines/{line-no}.json?full=1&x= ")
    assert (line.method, line.names, line.query) == ("PUT", ("id", "line-no"), ("full=1", "x="))
    assert line.path({"id": 7, "line-no": "a/b"}) == "/v2/a%20b/7/lines/a%2Fb.json"


def test_escapes_are_kept_and_letters_encoded() -> None:
    assert parse_path("/a%2Fb/ü:(x)") == ("/a%2Fb/%C3%BC:(x)",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GET",
        "get /x",
        "GET /x/:id",
        "GET /:id/x",
        "CONNECT /x",
        "GET x",
        "GET //evil.example/x",
        "GET http://a/x",
        "GET /x#y",
        "GET /x\n/y",
        "GET /x/../y",
        "GET /x/%2e%2E/y",
        "GET /{",
        "GET /{a}}",
        "GET /{a b}",
        "GET /{}",
        "GET /{a}/{a}",
        "GET /100%",
        "GET /x?a={a}",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(RequestLineFault):
        parse_request_line(text)
