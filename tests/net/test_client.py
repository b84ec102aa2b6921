"""Which client settings make, and which they can't."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.net import client
from gateway.net.balanced import BalancedClient
from gateway.net.engine_fast import FastClient
from gateway.net.engine_httpx import HttpxClient
from gateway.sdk import CheckSettings, HttpSettings, Unavailable
from gateway.testing import read_request, refused_url, render, scripted_server
from tests.net.contract import ask, failing


@pytest.mark.parametrize(("engine", "kind"), [("fast", FastClient), ("httpx", HttpxClient)])
def test_the_engine_is_the_one_that_was_asked_for(engine: Any, kind: type) -> None:
    assert type(client(HttpSettings(("http://a.example",), engine=engine))) is kind


def test_only_several_servers_or_checks_have_a_layer_more() -> None:
    several = client(HttpSettings(("http://a.example", "http://b.example")))
    checked = client(HttpSettings(("http://a.example",), check=CheckSettings("/health")))
    assert (type(several), type(checked)) == (BalancedClient, BalancedClient)
    assert [server.number for server in several.servers()] == [0, 1]
    assert [server.state for server in client(HttpSettings(("http://a.example",))).servers()] == ["in"]


@pytest.mark.parametrize(
    "settings",
    [
        {"servers": ()},
        {"servers": ("secret.example",)},
        {"servers": ("http://a.example", "secret.example")},
        {"servers": ("http://a.example",), "proxy": "http://user:secret@proxy.example"},
        {"servers": ("http://a.example",), "engine": "httpx", "proxy": "socks5://user:secret@proxy.example"},
        {"servers": ("http://a.example",), "engine": "httpx", "proxy": "http://user:secret@proxy.example:port"},
        {"servers": ("http://a.example",), "engine": "httpx", "proxy": "secret"},
    ],
    ids=str,
)
def test_settings_that_make_no_client_are_refused_without_being_shown(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        client(HttpSettings(**settings))
    assert "secret" not in str(caught.value)


async def test_a_proxy_is_asked_in_its_own_form_and_with_its_own_credentials() -> None:
    seen = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if request := await read_request(reader):
            seen.append((request.target, request.headers["host"], request.headers["proxy-authorization"]))
            writer.write(render(200, b"from afar"))

    async with scripted_server(proxy) as url:
        through = url.replace("http://", "http://user:word@")
        some = client(HttpSettings(("http://orders.example/base",), engine="httpx", proxy=through))
        assert (await ask(some, "/item?x=1")).body == b"from afar"
        await some.close()
    assert seen == [("http://orders.example/base/item?x=1", "orders.example", "Basic dXNlcjp3b3Jk")]


async def test_a_proxy_that_refuses_is_unavailable() -> None:
    url = refused_url()
    some = client(HttpSettings(("http://orders.example",), engine="httpx", proxy=url))
    await failing(some, Unavailable, url)
    await some.close()


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, refused_url())

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await read_request(reader):
            writer.write(render(200, b"direct"))

    async with scripted_server(answering) as url:
        some = client(HttpSettings((url,), engine="httpx"))
        assert (await ask(some)).body == b"direct"
        await some.close()
