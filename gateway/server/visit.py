"""A request of a connection, before it is served."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

Write = Callable[[bytes], None]


class HttpVisit:
    """Implements `gateway.server.admission.Visit`. `start` has the application serve it, `written` is the answer to one that is refused."""

    __slots__ = ("_cycle", "_start", "_written")

    def __init__(
        self, cycle: RequestResponseCycle, start: Callable[[RequestResponseCycle], None], written: Callable[[HttpVisit], bytes]
    ) -> None:
        self._cycle = cycle
        self._start = start
        self._written = written

    @property
    def scope(self) -> Scope:
        """What the head says."""
        return self._cycle.scope  # type: ignore[return-value]

    @property
    def body(self) -> bytearray:
        """The body, as far as it is here."""
        return self._cycle.body

    @property
    def keep_alive(self) -> bool:
        """Whether the connection stays open behind the answer."""
        return self._cycle.keep_alive

    @property
    def gone(self) -> bool:
        """See `Visit.gone`."""
        return self._cycle.disconnected

    def begin(self) -> None:
        """See `Visit.begin`."""
        self._start(self._cycle)

    def refuse(self) -> None:
        """Writes the answer past the application, which never hears of the request."""
        cycle = self._cycle
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.transport.write(self._written(self))
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
