"""Starts the demo: backends in a process of their own, then the gateway in this one. `gateway demo` calls `run`."""

from __future__ import annotations

import errno
import os
import shlex
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from starlette.routing import Route

from gateway.demo.page import routes
from gateway.demo.people import PEOPLE
from gateway.demo.process import Backends

HOST = "127.0.0.1"
USUAL_PORT = 8080
BACKLOG = 2048


class Serve(Protocol):
    """Builds the assistant in `folder` with `environ` as its environment and serves it, until a signal ends it.

    `listener` is bound and listening already; `routes` come beside the gateway's own paths; `ready` is called once, when the
    first request can be answered.
    """

    def __call__(
        self,
        folder: Path,
        *,
        listener: socket.socket,
        environ: Mapping[str, str],
        routes: Sequence[Route],
        ready: Callable[[], None],
    ) -> None: ...


def run(folder: Path, port: int | None, serve: Serve, say: Callable[[str], None]) -> None:
    """Serves the demo of the assistant in `folder` until `serve` returns; then nothing is left of it.

    With `port` None, 8080 is taken, or a free port where 8080 is busy; a port that was asked for and is busy raises `OSError`.
    `say` gets the banner. Raises `BackendsGone` where the backends don't start.
    """
    with listen(port) as listener, Backends.start() as backends:
        taken: int = listener.getsockname()[1]
        serve(
            folder,
            listener=listener,
            environ={**os.environ, **backends.environ},
            routes=routes(backends),
            ready=lambda: say(banner(taken, folder)),
        )


def listen(port: int | None) -> socket.socket:
    """A listening socket on loopback. `proto` is set, so that event loops turn Nagle's algorithm off on its connections."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two processes share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listener, port)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _bind(listener: socket.socket, port: int | None) -> None:
    try:
        listener.bind((HOST, USUAL_PORT if port is None else port))
    except OSError as fault:
        if port is not None or fault.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        listener.bind((HOST, 0))


def banner(port: int, folder: Path) -> str:
    """What to do now; the last three lines can be pasted."""
    url, key = f"http://{HOST}:{port}", PEOPLE[0].key
    body = '{"message": "track 1007"}'
    where = "" if folder.resolve() == Path.cwd() else f" -C {shlex.quote(str(folder))}"
    return f"""
The demo is running at {url} - open it to ask, and to break a backend and watch.
Ctrl-C ends it. Try, in another terminal:

curl -s {url}/v1/chat -H 'X-API-Key: {key}' -H 'Content-Type: application/json' -d '{body}'
gateway call track_order order_id=1007 --url {url} --key {key}
gateway{where} explain billing_overview
"""
