"""TLS towards servers that are trusted, and towards those that are not. Run for both engines."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from gateway.net import Tls
from gateway.sdk import Timeout, Unavailable
from gateway.testing import Route, http_server, render, scripted_server
from tests.net.certificates import Authority
from tests.net.contract import EngineContract, ask, failing


class TlsContract(EngineContract):
    async def test_a_trusted_server_is_talked_to(self, authority: Authority) -> None:
        route = Route("ok")
        async with http_server({"*": route}, tls=authority.server("127.0.0.1")) as url, self.client(url, authority.tls) as client:
            for _ in range(2):
                assert (await ask(client)).body == b'"ok"'
            assert client.stats().open == 1
        assert route.received[0].headers["host"] == url.removeprefix("https://")

    async def test_a_name_is_checked_and_sent(self, authority: Authority) -> None:
        context = authority.server("localhost")
        names = []
        context.sni_callback = lambda _socket, name, _context: names.append(name)
        routes = {"*": Route("ok")}
        async with http_server(routes, tls=context) as url, self.client(at_localhost(url), authority.tls) as client:
            assert (await ask(client)).status_code == 200
        assert names == ["localhost"]

    async def test_an_unknown_authority_is_unavailable(self, authority: Authority) -> None:
        async with http_server({"*": Route("ok")}, tls=authority.server("127.0.0.1")) as url, self.client(url) as client:
            await failing(client, Unavailable, url)
            assert client.stats().open == 0

    async def test_another_servers_certificate_is_unavailable(self, authority: Authority) -> None:
        async with http_server({"*": Route("ok")}, tls=authority.server("other.example")) as url, self.client(url, authority.tls) as client:
            await failing(client, Unavailable, url)

    async def test_an_expired_certificate_is_unavailable(self, authority: Authority) -> None:
        expired = authority.server("127.0.0.1", expired=True)
        async with http_server({"*": Route("ok")}, tls=expired) as url, self.client(url, authority.tls) as client:
            await failing(client, Unavailable, url)

    async def test_a_server_without_tls_is_unavailable(self, authority: Authority) -> None:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(render(400))

        async with scripted_server(plain) as url, self.client(secure(url), authority.tls) as client:
            await failing(client, Unavailable, url)

    async def test_the_deadline_holds_during_a_handshake(self, authority: Authority) -> None:
        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        async with scripted_server(mute) as url, self.client(secure(url), authority.tls, connections=1) as client:
            for _ in range(3):
                await failing(client, Timeout, url, within=0.03)

    async def test_a_cancelled_handshake_leaves_nothing(self, authority: Authority) -> None:
        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        async with scripted_server(mute) as url, self.client(secure(url), authority.tls, connections=1) as client:
            call = asyncio.ensure_future(ask(client))
            await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert client.stats().waiting == 0

    async def test_a_large_answer_comes_through(self, authority: Authority) -> None:
        body = bytes(range(256)) * 4096
        async with (
            http_server({"*": Route(body=body)}, tls=authority.server("127.0.0.1")) as url,
            self.client(url, authority.tls) as client,
        ):
            assert (await ask(client)).body == body

    async def test_the_clients_own_certificate_is_shown(self, authority: Authority) -> None:
        context = authority.server("127.0.0.1")
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.tls.ca_file)
        certificate = str(Path(authority.folder, "client.pem"))
        authority.issue("client.example", Path(certificate))
        async with http_server({"*": Route("ok")}, tls=context) as url:
            async with self.client(url, Tls(ca_file=authority.tls.ca_file, certificate=certificate)) as client:
                assert (await ask(client)).status_code == 200
            async with self.client(url, authority.tls) as client:
                await failing(client, Unavailable, url)


def at_localhost(url: str) -> str:
    return url.replace("127.0.0.1", "localhost")


def secure(url: str) -> str:
    return url.replace("http:", "https:")
