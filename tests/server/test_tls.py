"""TLS of the public listener, with certificates made here."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import ssl
import time
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from gateway.runtime.listener_tls import ListenerFiles
from gateway.sdk import Answer, Exchange
from gateway.server import arrival, departure
from gateway.server.application import Application
from gateway.server.tls import ListenerTls
from tests.net.certificates import Authority
from tests.server.connections import Address, chat, served, status
from tests.server.gateways import make_plan


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path)
    authority.issue("127.0.0.1", tmp_path / "listener.pem")
    authority.issue("shop", tmp_path / "shop.pem")
    return authority


def files_of(authority: Authority, *, asks: bool = False) -> ListenerFiles:
    folder = authority.folder
    return ListenerFiles(folder / "listener.pem", folder / "listener.pem", folder / "ca.pem" if asks else None)


def shown(exchange: Exchange) -> Answer:
    return Answer("complete", data={"certificate": exchange.certificate, "scheme": exchange.scheme})


@asynccontextmanager
async def secured(files: ListenerFiles) -> AsyncIterator[Address]:
    plan = make_plan({"track_order": shown})
    plan = msgspec.structs.replace(plan, server=msgspec.structs.replace(plan.server, tls=files))
    async with served(Application(plan)) as listeners:
        yield listeners.public.getsockname()[:2]


async def asked(address: Address, context: ssl.SSLContext) -> tuple[dict[str, object], ssl.SSLObject]:
    reader, writer = await asyncio.open_connection(*address, ssl=context)
    try:
        writer.write(chat())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.startswith(b"content-length"))
        return msgspec.json.decode(await reader.readexactly(length))["data"], writer.get_extra_info("ssl_object")
    finally:
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


async def test_it_is_served_and_plain_http_is_not(authority: Authority) -> None:
    context = authority.tls.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with secured(files_of(authority)) as address:
        answered, connection = await asked(address, context)
        assert answered == {"certificate": None, "scheme": "https"}
        assert (connection.version(), connection.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")
        reader, writer = await asyncio.open_connection(*address)
        writer.write(chat())
        with suppress(ConnectionError):
            assert not (await reader.read()).startswith(b"HTTP")
        writer.close()


async def test_old_versions_are_refused(authority: Authority) -> None:
    context = authority.tls.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with secured(files_of(authority)) as address:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asked(address, context)


async def test_clients_are_asked_for_a_certificate_and_may_have_none(authority: Authority, tmp_path: Path) -> None:
    async with secured(files_of(authority, asks=True)) as address:
        context = authority.tls.context()
        assert (await asked(address, context))[0]["certificate"] is None
        context.load_cert_chain(tmp_path / "shop.pem")
        certificate = (await asked(address, context))[0]["certificate"]
        assert isinstance(certificate, str)
        assert ssl.PEM_cert_to_DER_cert(certificate) == ssl.PEM_cert_to_DER_cert(cut((tmp_path / "shop.pem").read_text()))


async def test_a_certificate_of_a_stranger_ends_the_connection(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "strangers").mkdir()
    Authority(tmp_path / "strangers").issue("shop", tmp_path / "stranger.pem")
    context = authority.tls.context()
    context.load_cert_chain(tmp_path / "stranger.pem")
    async with secured(files_of(authority, asks=True)) as address:
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await asked(address, context)
        assert (await asked(address, authority.tls.context()))[0]["certificate"] is None


async def test_who_says_nothing_is_given_up(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.05)
    async with secured(files_of(authority)) as address:
        reader, writer = await asyncio.open_connection(*address)
        async with asyncio.timeout(1):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()
        reader, writer = await asyncio.open_connection(*address, ssl=authority.tls.context())
        async with asyncio.timeout(1):
            assert await status(reader) == 408
        writer.close()


async def test_who_reads_nothing_is_reset(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departure, "INTERVAL", 0.05)
    plan = make_plan({"track_order": lambda exchange: Answer("complete", data="x" * 8_000_000)})
    plan = msgspec.structs.replace(plan, server=msgspec.structs.replace(plan.server, tls=files_of(authority)))
    async with served(Application(plan)) as listeners:
        await asyncio.to_thread(ask_and_not_read, listeners.public.getsockname()[:2], authority.tls.context())


def ask_and_not_read(address: Address, context: ssl.SSLContext) -> None:
    """Returns once the connection was reset."""
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(address)
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as client:
            client.sendall(chat())
            for _ in range(300):
                if client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET:
                    return
                time.sleep(0.01)
    raise AssertionError("it is still connected")


def cut(text: str) -> str:
    return text[text.index("-----BEGIN CERTIFICATE") :]


def serial(live: ListenerTls, authority: Authority) -> str | None:
    """The serial number of what a new connection is shown."""
    client_in, client_out, server_in, server_out = (ssl.MemoryBIO() for _ in range(4))
    client = authority.tls.context().wrap_bio(client_in, client_out, server_hostname="127.0.0.1")
    server = live.context.wrap_bio(server_in, server_out, server_side=True)
    handshakes: list[Callable[[], None]] = [client.do_handshake, server.do_handshake]
    for _ in range(4):
        for handshake in handshakes:
            with suppress(ssl.SSLWantReadError):
                handshake()
        server_in.write(client_out.read())
        client_in.write(server_out.read())
    return (client.getpeercert() or {}).get("serialNumber")  # type: ignore[return-value]


async def test_changed_files_are_taken_over(authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gateway.tls")
    files = files_of(authority)
    live = ListenerTls(files)
    before = serial(live, authority)
    await live.look()
    assert serial(live, authority) == before
    authority.issue("127.0.0.1", files.cert)
    await live.look()
    assert serial(live, authority) not in (before, None)
    assert caplog.messages == ["`server.tls`: new connections get the files as they are now"]


@pytest.mark.parametrize("broken", ["", "no certificate", None])
async def test_broken_files_leave_the_old_ones_and_are_told_once(
    authority: Authority, caplog: pytest.LogCaptureFixture, broken: str | None
) -> None:
    files = files_of(authority)
    live = ListenerTls(files)
    before = serial(live, authority)
    os.unlink(files.cert) if broken is None else files.cert.write_text(broken)
    await live.look()
    await live.look()
    assert serial(live, authority) == before
    assert caplog.messages == ["`server.tls.cert`: this is no file with certificates (PEM); the last certificate stays in use"]
    authority.issue("127.0.0.1", files.cert)
    await live.look()
    assert serial(live, authority) not in (before, None)


async def test_the_files_are_looked_at_while_it_serves(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.server.tls.INTERVAL", 0.01)
    files = files_of(authority)
    async with secured(files) as address:
        first = (await asked(address, authority.tls.context()))[1].getpeercert()
        authority.issue("127.0.0.1", files.cert)
        async with asyncio.timeout(2):
            while (await asked(address, authority.tls.context()))[1].getpeercert() == first:
                await asyncio.sleep(0.01)
