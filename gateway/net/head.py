"""The head of a request, checked so that no value can become another header or another request."""

from __future__ import annotations

import re

from gateway.net.server import Server
from gateway.sdk import HttpRequest, InvalidRequest

NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
HEAD = re.compile(
    rf"{NAME} /[!\"$-~]* HTTP/1\.1\r\n"  # RFC 9112 §3; a fragment (#) is never sent
    rf"(?:{NAME}: [\t -~\x80-\xff]*\r\n)*"  # RFC 9110 §5.5: visible ASCII, space, tab, obs-text
    r"\r\n"
)
OWNED = frozenset({"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"})
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
ENCODINGS = "gzip, deflate"


class RequestHead:
    """Writes the heads of requests to one server."""

    __slots__ = ("_base", "_host")

    def __init__(self, server: Server) -> None:
        self._base = server.base
        self._host = server.authority

    def target(self, request: HttpRequest) -> str:
        """The target below the server's base path."""
        return self._base + request.target

    def headers(self, request: HttpRequest) -> list[tuple[str, str]]:
        """All headers that are sent: the request's and those the transport adds.

        `host` and `accept-encoding` may be given by the request. Raises InvalidRequest for a header that is the transport's
        own affair (RFC 9110 §7.6.1) and for a second `host`.
        """
        named = {name.lower() for name, _ in request.headers}
        if not named.isdisjoint(OWNED):
            raise InvalidRequest("A header of the connection itself can't be set.")
        headers = list(request.headers)
        if "host" not in named:
            headers.insert(0, ("host", self._host))
        elif sum(name.lower() == "host" for name, _ in headers) > 1:
            raise InvalidRequest("There is more than one host header.")
        if "accept-encoding" not in named:
            headers.append(("accept-encoding", ENCODINGS))
        if request.body is not None:
            headers.append(("content-length", str(len(request.body))))
        elif request.method in METHODS_WITH_BODY:
            headers.append(("content-length", "0"))
        return headers

    def render(self, request: HttpRequest) -> bytes:
        """The head's bytes. Raises InvalidRequest where method, target or a header holds what has no place there."""
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.headers(request)])
        head = f"{request.method} {self._base}{request.target} HTTP/1.1\r\n{lines}\r\n"
        if HEAD.fullmatch(head) is None or request.method == "CONNECT" or not request.target.startswith("/"):
            raise InvalidRequest("The request's method, target or headers hold characters that can't be sent.")
        return head.encode("latin-1")
