"""The head of a request, checked so that no value can become another header or another request."""

from __future__ import annotations

import re

from gateway.net.server import Server
from gateway.sdk import HttpRequest, InvalidRequest

TOKEN_CHARACTERS = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2
VALUE_CHARACTERS = re.compile(r"[\t -~\x80-\xff]*")  # RFC 9110 §5.5: visible ASCII, space, tab, obs-text
TARGET = re.compile(r"/[!\"$-~]*")  # RFC 9112 §3.2.1; a fragment (#) is never sent
OWNED = frozenset({"", "connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"})
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
            raise InvalidRequest("A header without a name, or one of the connection itself, can't be sent.")
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
        headers = self.headers(request)
        names = "".join([name for name, _ in headers])
        values = "".join([value for _, value in headers])
        if not (
            TARGET.fullmatch(request.target)
            and TOKEN_CHARACTERS.fullmatch(names)
            and VALUE_CHARACTERS.fullmatch(values)
            and TOKEN_CHARACTERS.fullmatch(request.method)
            and request.method != "CONNECT"
        ):
            raise InvalidRequest("The request's method, target or headers hold what can't be sent.")
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        return f"{request.method} {self._base}{request.target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")
