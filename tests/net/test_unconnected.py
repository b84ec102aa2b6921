"""Whatever keeps a connection from being made is told apart from what goes wrong on it."""

from __future__ import annotations

import socket

import pytest

from gateway.net import client
from gateway.net.unconnected import Unconnected
from gateway.sdk import Engine, HttpSettings, Unavailable
from gateway.testing import Route, http_server, refused_url
from tests.net.certificates import Authority
from tests.net.contract import ask


def unknown(*asked: object, **named: object) -> object:
    raise socket.gaierror("no such name")


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_refused_unknown_and_untrusted_are_unconnected(engine: Engine, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    async with http_server({"*": Route("ok")}, tls=authority.server("127.0.0.1")) as untrusted:
        for url in (refused_url(), "http://nobody.invalid", untrusted):
            some = client(HttpSettings((url,), engine=engine))
            with pytest.raises(Unconnected) as caught:
                await ask(some)
            assert caught.value.code == "unavailable"
            assert caught.value.passing
            assert caught.value.unsent
            await some.close()


@pytest.mark.parametrize("engine", ["fast", "httpx"])
@pytest.mark.parametrize("fault", ["close", "reset", "reset_midway"])
async def test_what_happens_on_a_connection_is_not(engine: Engine, fault: str) -> None:
    async with http_server({"*": Route("ok", fault=fault)}) as url:  # type: ignore[arg-type]
        some = client(HttpSettings((url,), engine=engine))
        with pytest.raises(Unavailable) as caught:
            await ask(some, idempotent=True)
        assert caught.type is Unavailable
        assert not caught.value.unsent
        await some.close()


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_a_client_that_is_closed_sends_nobody_elsewhere(engine: Engine) -> None:
    some = client(HttpSettings((refused_url(),), engine=engine))
    await some.close()
    with pytest.raises(Unavailable) as caught:
        await ask(some)
    assert caught.type is Unavailable
