"""Where keys come from: addresses, metadata, answers that say nothing, and how often an issuer is asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.policies.issuer_address import read_address
from gateway.policies.jwks import MOST_BYTES, Publication, RemoteKeys
from gateway.sdk import BadResponse, HttpResponse, Unavailable
from tests.policies.tokens import ISSUER, Issued, ec, published, rsa


def remote(issued: Issued, url: str = f"{ISSUER}/keys", *, issuer: str | None = None, lost: list[int] | None = None) -> RemoteKeys:
    publication = Publication(issued.issuer, read_address(url), issued.clock, issuer=issuer)
    services = issued.services
    return RemoteKeys(
        publication,
        ["RS256", "ES256"],
        name=ISSUER,
        clock=issued.clock,
        metrics=services.metrics,
        logger=services.logger,
        lost=lambda: (lost if lost is not None else []).append(1),
    )


def fetches(issued: Issued, result: str) -> float:
    return issued.services.metrics.total("gateway_jwks_refreshes_total", issuer=ISSUER, result=result)


class TestDiscovery:
    OPENID = "/.well-known/openid-configuration"
    OAUTH = "/.well-known/oauth-authorization-server"

    @pytest.mark.parametrize(
        ("issuer", "page"),
        [
            (ISSUER, OPENID),
            (f"{ISSUER}/", OPENID),
            (f"{ISSUER}/realms/acme", f"/realms/acme{OPENID}"),
            (ISSUER, OAUTH),
            (f"{ISSUER}/realms/acme", f"{OAUTH}/realms/acme"),
        ],
    )
    async def test_metadata_tells_where_the_keys_are(self, issuer: str, page: str) -> None:
        issued = Issued({page: {"issuer": issuer, "jwks_uri": f"{ISSUER}/certs?v=2"}, "/certs?v=2": published(rsa())})
        keys = remote(issued, issuer, issuer=issuer)
        assert await keys.renewed()
        assert [key.id for key in keys.known()] == ["one"]
        assert issued.issuer.requests[-1].target == "/certs?v=2"

    @pytest.mark.parametrize(
        "metadata",
        [
            {"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/certs"},
            {"issuer": f"{ISSUER}/", "jwks_uri": f"{ISSUER}/certs"},
            {"jwks_uri": f"{ISSUER}/certs"},
            {"issuer": ISSUER, "jwks_uri": "https://evil.example/certs"},
            {"issuer": ISSUER, "jwks_uri": "http://id.example/certs"},
            {"issuer": ISSUER, "jwks_uri": "https://id.example:8443/certs"},
            {"issuer": ISSUER, "jwks_uri": ["/certs"]},
            {"issuer": ISSUER},
            b'{"issuer":"x","issuer":"https://id.example","jwks_uri":"https://id.example/certs"}',
        ],
    )
    async def test_metadata_of_others_is_not_believed(self, metadata: Any) -> None:
        issued = Issued({self.OPENID: metadata, "/certs": published(rsa())})
        keys = remote(issued, ISSUER, issuer=ISSUER)
        assert not await keys.renewed()
        assert (keys.known(), keys.failing) == ((), True)
        assert all(request.target != "/certs" for request in issued.issuer.requests)

    async def test_keys_that_have_moved_are_looked_for_again(self) -> None:
        issued = Issued({self.OPENID: {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/a"}, "/a": published(rsa())})
        keys = remote(issued, ISSUER, issuer=ISSUER)
        await keys.renewed()
        issued.issuer.pages = {self.OPENID: {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/b"}, "/b": published(rsa("two"))}
        assert not await keys.renewed()
        issued.clock.pass_by(30)
        assert await keys.renewed()
        assert [key.id for key in keys.known()] == ["two"]


@pytest.mark.parametrize(
    "page",
    [
        None,
        HttpResponse(302, {"location": "https://evil.example/keys"}, b""),
        HttpResponse(500, {}, b'{"keys":[]}'),
        HttpResponse(204, {}, b""),
        b"",
        b"<html>",
        b"[]",
        {"keys": []},
        {"keys": {}},
        {"keys": [7, None, {"kty": "oct", "k": "AAAA"}]},
        {},
        b'{"keys":[],"keys":[]}',
    ],
)
async def test_an_answer_that_says_nothing_changes_nothing(page: Any) -> None:
    issued = Issued()
    keys = remote(issued)
    await keys.renewed()
    before = keys.known()
    issued.issuer.pages = {} if page is None else {"/keys": page}
    assert not await keys.renewed()
    assert (keys.known(), keys.failing) == (before, True)
    assert (fetches(issued, "fetched"), fetches(issued, "failed")) == (1, 1)
    assert [request.target for request in issued.issuer.requests] == ["/keys"] * 2


async def test_a_request_is_bounded_in_time_and_size() -> None:
    issued = Issued()
    await remote(issued).renewed()
    (request,) = issued.issuer.requests
    assert (request.method, request.deadline, request.max_body) == ("GET", 105.0, MOST_BYTES)


async def test_unusable_keys_among_others_are_passed_over() -> None:
    private, encryption = rsa("two").as_dict(private=True), {**ec("three").as_dict(private=False), "use": "enc"}
    issued = Issued({"/keys": {"keys": [private, encryption, *published(rsa())["keys"], {"kty": "future"}]}})
    keys = remote(issued)
    assert await keys.renewed()
    assert [key.id for key in keys.known()] == ["one"]


async def test_as_long_as_none_are_known_tries_come_further_and_further_apart() -> None:
    issued = Issued()
    issued.issuer.down = Unavailable()
    keys, seconds = remote(issued), []
    for second in range(120):
        before = len(issued.issuer.requests)
        await keys.renewed()
        if len(issued.issuer.requests) > before:
            seconds.append(second)
        issued.clock.pass_by(1)
    assert seconds == [0, 1, 3, 7, 15, 31, 61, 91]


async def test_whoever_waits_gets_what_is_fetched() -> None:
    issued = Issued()
    issued.issuer.pause = asyncio.Event()
    keys = remote(issued)
    waiting = [asyncio.create_task(keys.renewed()) for _ in range(10)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    issued.issuer.pause.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError)
    assert ended[1:] == [True] * 9
    assert len(issued.issuer.requests) == 1


async def test_a_refresh_in_the_background_asks_as_seldom_as_any() -> None:
    issued = Issued()
    lost: list[int] = []
    keys = remote(issued, lost=lost)
    await keys.start()
    assert keys.old_at == 700.0
    issued.issuer.pages["/keys"] = published(rsa("two"))
    for _ in range(5):
        keys.refresh()
    await asyncio.sleep(0.01)
    assert ([key.id for key in keys.known()], lost) == (["two"], [1])
    keys.refresh()
    await asyncio.sleep(0.01)
    assert len(issued.issuer.requests) == 2


async def test_new_keys_beside_old_ones_lose_nothing() -> None:
    issued = Issued()
    lost: list[int] = []
    keys = remote(issued, lost=lost)
    await keys.start()
    issued.issuer.pages["/keys"] = published(rsa(), rsa("two"))
    assert await keys.renewed()
    assert lost == []
    issued.clock.pass_by(30)
    assert not await keys.renewed()


async def test_a_start_waits_for_no_miracle(caplog: pytest.LogCaptureFixture) -> None:
    issued = Issued()
    issued.issuer.down = BadResponse()
    keys = remote(issued)
    await keys.start()
    assert (keys.known(), keys.failing) == ((), True)
    assert ["could not be fetched" in record.getMessage() for record in caplog.records] == [True]


async def test_a_fault_of_our_own_is_told_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    issued = Issued()
    issued.issuer.down = ZeroDivisionError()  # type: ignore[assignment]
    keys = remote(issued)
    keys.refresh()
    await asyncio.sleep(0.01)
    assert ["ZeroDivisionError" in record.getMessage() for record in caplog.records] == [True]
    issued.issuer.down = None
    assert await keys.renewed()


async def test_closing_ends_a_fetch_under_way() -> None:
    issued = Issued()
    issued.issuer.pause = asyncio.Event()
    keys = remote(issued)
    await keys.close()
    waiting = asyncio.create_task(keys.renewed())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await keys.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
