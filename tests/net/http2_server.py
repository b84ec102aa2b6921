"""A small HTTP/2 server, on top of h2, for what no HTTP/1.1 server can show."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import h2.config
import h2.connection
import h2.events

from gateway.testing import scripted_server


class Http2Server:
    """Answers each stream with its path; `/silent` never, `/break` by ending the connection in mid-answer."""

    def __init__(self) -> None:
        self.connections = 0
        self.silent = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        wire = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        wire.initiate_connection()
        writer.write(wire.data_to_send())
        while data := await reader.read(65536):
            for event in wire.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    path = dict(event.headers)[b":path"]
                    if not self.answer(wire, event.stream_id, path):
                        writer.write(wire.data_to_send())
                        return
            writer.write(wire.data_to_send())
            await writer.drain()

    def answer(self, wire: h2.connection.H2Connection, stream: int, path: bytes) -> bool:
        """False where the connection is to be ended."""
        if path == b"/silent":
            self.silent += 1
            return True
        wire.send_headers(stream, [(":status", "200"), ("content-length", str(len(path))), ("x-kind", "h2")])
        wire.send_data(stream, path[:3], end_stream=False)
        if path == b"/break":
            return False
        wire.send_data(stream, path[3:], end_stream=True)
        return True


@asynccontextmanager
async def http2_server(tls: ssl.SSLContext) -> AsyncIterator[tuple[str, Http2Server]]:
    tls.set_alpn_protocols(["h2", "http/1.1"])
    server = Http2Server()
    async with scripted_server(server, tls=tls) as url:
        yield url, server
