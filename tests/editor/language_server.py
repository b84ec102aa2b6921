"""A small client of a language server on standard input and output (Language Server Protocol 3.17), for tests."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any

Json = Any

_MOST_HEADER = 4096


class LanguageServer:
    """A running server. Every call raises `TimeoutError` when the server says nothing for `patience` seconds."""

    def __init__(self, process: subprocess.Popen[bytes], settings: Json, patience: float) -> None:
        self._process = process
        self._settings = settings
        self._patience = patience
        self._buffer = b""
        self._last_id = 0
        self._published: dict[str, list[Json]] = {}

    def request(self, method: str, params: Json) -> Json:
        """What the server answers; raises `RuntimeError` where it answers with an error."""
        self._last_id += 1
        wanted = self._last_id
        self._send({"id": wanted, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == wanted and "method" not in message:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def notify(self, method: str, params: Json) -> None:
        self._send({"method": method, "params": params})

    def diagnostics(self, uris: Sequence[str]) -> dict[str, list[Json]]:
        """What the server published about each of these documents since it was last asked; waits for all of them."""
        while not all(uri in self._published for uri in uris):
            self._next()
        return {uri: self._published.pop(uri) for uri in uris}

    def _next(self) -> Json:
        """The next message; what the server asks or publishes is dealt with on the way."""
        message = self._receive()
        if message.get("method") == "textDocument/publishDiagnostics":
            self._published[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: Json) -> Json:
        if message["method"] == "workspace/configuration":
            return [self._settings.get(item["section"], {}) for item in message["params"]["items"]]
        return None

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        left = memoryview(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        while left:
            left = left[self._process.stdin.write(left) :]

    def _receive(self) -> Json:
        deadline = time.monotonic() + self._patience
        while b"\r\n\r\n" not in self._buffer:
            self._read(deadline)
            assert b"\r\n\r\n" in self._buffer or len(self._buffer) < _MOST_HEADER, self._buffer[:_MOST_HEADER]
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        (length,) = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        self._buffer = rest
        while len(self._buffer) < length:
            self._read(deadline)
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return json.loads(body)

    def _read(self, deadline: float) -> None:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError("the language server says nothing")
        received = os.read(descriptor, 1 << 16)
        if not received:
            raise EOFError(f"the language server ended, exit code {self._process.wait(1)}")
        self._buffer += received


@contextlib.contextmanager
def running(command: Sequence[str], root_uri: str, settings: Json, patience: float = 20.0) -> Iterator[LanguageServer]:
    """A server that runs for the length of the `with`. `settings` are the client's, by section."""
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, bufsize=0, stdin=pipe, stdout=pipe, stderr=nowhere) as process:
        try:
            server = LanguageServer(process, settings, patience)
            server.request("initialize", _initialize(root_uri))
            server.notify("initialized", {})
            server.notify("workspace/didChangeConfiguration", {"settings": None})
            yield server
        finally:
            process.kill()


def _initialize(root_uri: str) -> Json:
    return {
        "processId": os.getpid(),
        "rootUri": root_uri,
        "workspaceFolders": [{"uri": root_uri, "name": "workspace"}],
        "capabilities": {
            "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}, "workspaceFolders": True},
            "textDocument": {
                "publishDiagnostics": {"relatedInformation": False},
                "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown", "plaintext"]}},
                "hover": {"contentFormat": ["markdown", "plaintext"]},
            },
        },
    }
