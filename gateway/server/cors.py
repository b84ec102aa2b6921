"""Cross-origin requests: what every answer tells a browser, and the answers to its questions beforehand (Fetch standard)."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Message, Scope, Send

from gateway.runtime.cross_origin import CrossOrigin
from gateway.server.outgoing import Outgoing

Headers = tuple[tuple[bytes, bytes], ...]

ALLOW = b"access-control-allow-"
VARY: Headers = ((b"vary", b"Origin"),)


class Cors:
    """Built once per plan; its headers are ready beforehand."""

    def __init__(self, rules: CrossOrigin) -> None:
        self._rules = rules
        self._vary: Headers = () if rules.anybody else VARY
        more = [(ALLOW + b"credentials", b"true")] if rules.credentials else []
        exposed = [(b"access-control-expose-headers", _listed(rules.expose))] if rules.expose else []
        self._let_in: Headers = (*more, *exposed, *self._vary)
        asked = [(ALLOW + b"headers", _listed(rules.headers))] if rules.headers else []
        self._asked: Headers = (*asked, (b"access-control-max-age", str(rules.max_age).encode()), *more, *self._vary)

    def headers_for(self, origin: bytes | None) -> Headers:
        """What an answer tells. The answer depends on who asks, also where it lets nobody in (`Vary`)."""
        told = self._told(origin)
        return self._vary if told is None else ((ALLOW + b"origin", told), *self._let_in)

    def preflight(self, scope: Scope, methods: Iterable[str]) -> Outgoing | None:
        """The answer to a browser that asks whether it may send a request to an address with these `methods`; None for any other."""
        told = self._told(header(scope, b"origin"))
        if told is None or header(scope, b"access-control-request-method") is None:
            return None
        offered = sorted(set(methods) if self._rules.methods is None else self._rules.methods.intersection(methods))
        return Outgoing(204, headers=((ALLOW + b"origin", told), (ALLOW + b"methods", _listed(offered)), *self._asked))

    def _told(self, origin: bytes | None) -> bytes | None:
        if origin is None:
            return None
        if self._rules.anybody:
            return b"*"
        return origin if self._rules.lets_in(origin.decode("latin-1")) else None


def header(scope: Scope, wanted: bytes) -> bytes | None:
    """A header that is there once."""
    found = [value for name, value in scope["headers"] if name == wanted]
    return found[0] if len(found) == 1 else None


def telling(send: Send, headers: Headers) -> Send:
    """A `send` whose answer has these headers too, in place of ones of their names; `vary` comes on top of what is there."""
    names = {name for name, _ in headers} - {b"vary"}

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*(each for each in message.get("headers", ()) if each[0] not in names), *headers]}
        await send(message)

    return send_more


def _listed(names: Iterable[str]) -> bytes:
    return ", ".join(names).encode("ascii")
