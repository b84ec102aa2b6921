"""The head of a request: nothing is believed that could mean two things."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.proxies import Proxies
from gateway.sdk import Exchange, Malformed
from gateway.server.refusals import HeadTooLarge
from gateway.server.request_head import LONGEST_LINE, MOST_BYTES, MOST_HEADERS, begin, preferred_languages, read_headers
from tests.policies.exchanges import NOON, FixedClock

HOST = (b"host", b"gateway.example:8080")


def scope(*headers: tuple[bytes, bytes], **more: Any) -> dict[str, Any]:
    return {"method": "POST", "path": "/v1/chat", "headers": headers, "client": ("192.0.2.1", 5), "http_version": "1.1", **more}


def head(*headers: tuple[bytes, bytes], **more: Any) -> Exchange:
    return begin(scope(*headers, **more), FixedClock(5.0))


def test_what_is_known_of_a_request_at_once() -> None:
    exchange = head(HOST, (b"x-deadline-ms", b"250"), (b"accept-language", b"de-DE,en;q=0.5"), (b"idempotency-key", b"k"))
    assert exchange.error is None
    assert (exchange.started, exchange.time, exchange.method, exchange.path) == (5.0, NOON, "POST", "/v1/chat")
    assert (exchange.host, exchange.client_ip, exchange.tenant.id) == ("gateway.example", "192.0.2.1", "default")
    assert (exchange.deadline_limit, exchange.languages, exchange.idempotency_key) == (0.25, ("de-DE", "en"), "k")


@pytest.mark.parametrize(
    ("given", "host"), [(b"A.Example", "a.example"), (b"[::1]:80", "[::1]"), (b"[::1]", "[::1]"), (b"x:1", "x"), (b"x.:1", "x")]
)
def test_a_host_is_told_without_its_port(given: bytes, host: str) -> None:
    assert head((b"host", given)).host == host


def test_http_1_0_and_unix_sockets_know_less() -> None:
    exchange = head(http_version="1.0", client=None)
    assert (exchange.error, exchange.host, exchange.client_ip) == (None, "", "")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), id="no host"),
        pytest.param(((b"host", b""),), id="empty host"),
        pytest.param(((b"host", b"a b"),), id="host with a space"),
        pytest.param(((b"host", b"a@b"),), id="host with a user"),
        pytest.param(((b"host", b"a/b"),), id="host with a path"),
        pytest.param(((b"host", b"a%2eb"),), id="host with a coded letter"),
        pytest.param((HOST, HOST), id="two hosts"),
        pytest.param((HOST, (b"authorization", b"a"), (b"authorization", b"a")), id="two credentials"),
        pytest.param((HOST, (b"x-api-key", b"a"), (b"x-api-key", b"b")), id="two keys"),
        pytest.param((HOST, (b"content-type", b"application/json"), (b"content-type", b"text/plain")), id="two types"),
        pytest.param((HOST, (b"x-deadline-ms", b"0")), id="no time"),
        pytest.param((HOST, (b"x-deadline-ms", b"-5")), id="negative time"),
        pytest.param((HOST, (b"x-deadline-ms", b"1e3")), id="exponent"),
        pytest.param((HOST, (b"x-deadline-ms", "²".encode("latin-1"))), id="superscript"),
        pytest.param((HOST, (b"x-deadline-ms", b"9999999999")), id="very long time"),
        pytest.param((HOST, (b"idempotency-key", b"")), id="empty idempotency key"),
        pytest.param((HOST, (b"idempotency-key", b"k" * 256)), id="long idempotency key"),
        pytest.param((HOST, (b"idempotency-key", b"\xe4")), id="idempotency key not ASCII"),
    ],
)
def test_what_could_mean_two_things_is_kept_as_the_error(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    assert type(head(*headers).error) is Malformed


def test_headers_are_bounded() -> None:
    assert isinstance(head(HOST, *[(b"x-a", b"1")] * MOST_HEADERS).error, HeadTooLarge)
    assert isinstance(head(HOST, (b"x-a", b"1" * MOST_BYTES)).error, HeadTooLarge)


def test_one_line_is_bounded() -> None:
    assert head(HOST, (b"x-a", b"1" * (LONGEST_LINE - 3))).error is None
    assert isinstance(head(HOST, (b"x-a", b"1" * LONGEST_LINE)).error, HeadTooLarge)


def test_a_scheme_is_the_connections_or_what_a_trusted_proxy_says() -> None:
    proto = (b"x-forwarded-proto", b"http, HTTPS")
    assert head(HOST).scheme == "http"
    assert head(HOST, scheme="https").scheme == "https"
    assert head(HOST, proto).scheme == "http"
    assert begin(scope(HOST, proto), FixedClock(5.0), Proxies(["192.0.2.1"])).scheme == "https"
    assert begin(scope(HOST, scheme="https"), FixedClock(5.0), Proxies(["192.0.2.1"])).scheme == "https"


@pytest.mark.parametrize("said", [b"", b"gopher", b"https://", b"https, ", b"ht\xfftp"])
def test_a_scheme_that_is_none_is_an_error(said: bytes) -> None:
    assert isinstance(begin(scope(HOST, (b"x-forwarded-proto", said)), FixedClock(5.0), Proxies(["192.0.2.1"])).error, Malformed)


def test_the_certificate_of_a_proxys_connection_is_nobodys() -> None:
    shown = scope(HOST, extensions={"tls": {"client_cert_chain": ("a certificate",)}})
    assert begin(shown, FixedClock(5.0)).certificate == "a certificate"
    assert begin(shown, FixedClock(5.0), Proxies(["192.0.2.2"])).certificate == "a certificate"
    assert begin(shown, FixedClock(5.0), Proxies(["192.0.2.1"])).certificate is None


def test_repeated_headers_are_joined_and_underscores_left_out() -> None:
    headers = read_headers([(b"accept", b"a"), (b"accept", b"b"), (b"x_api_key", b"k"), (b"x-name", b"\xe4")])
    assert headers == {"accept": "a, b", "x-name": "ä"}


@pytest.mark.parametrize(
    ("accepted", "languages"),
    [
        ("de", ("de",)),
        ("de-CH, de;q=0.9, en;q=0.8", ("de-CH", "de", "en")),
        ("en;q=0.2, fr ; q=0.7", ("fr", "en")),
        ("*", ()),
        ("", ()),
        ("de;q=0, en;q=0.1", ("en",)),
        ("de;q=high, en;q=0.1", ("en",)),
        ("../../etc", ()),
        (", ".join(["de"] * 5000), ("de",) * 20),
    ],
)
def test_the_languages_that_are_wanted(accepted: str, languages: tuple[str, ...]) -> None:
    assert preferred_languages(accepted) == languages


@given(st.lists(st.tuples(st.sampled_from([b"host", b"x-deadline-ms", b"accept-language", b"x-b"]), st.binary(max_size=20)), max_size=6))
def test_any_headers_are_read_or_refused(headers: list[tuple[bytes, bytes]]) -> None:
    exchange = head(*headers)
    assert exchange.error is None or isinstance(exchange.error, Malformed)


def test_what_was_sent_is_kept_byte_for_byte() -> None:
    exchange = head(HOST, path="/v1/intents/a b", raw_path=b"/v1/intents/a%20b", query_string=b"q=%C3%A4&q")
    assert (exchange.raw_path, exchange.query, exchange.raw_body) == (b"/v1/intents/a%20b", b"q=%C3%A4&q", b"")
    assert head(HOST, path="/\u00e4").raw_path == b"/%C3%A4"


FORWARDED = ((b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-host", b"Acme.Example:443"))


def test_a_trusted_proxy_tells_where_a_request_came_from() -> None:
    exchange = begin(scope(HOST, *FORWARDED), FixedClock(5.0), Proxies(["192.0.2.0/24"]))
    assert (exchange.client_ip, exchange.host, exchange.via_proxy) == ("203.0.113.9", "acme.example", True)


@pytest.mark.parametrize("proxies", [Proxies(), Proxies(["10.0.0.0/8"])])
def test_nobody_else_does(proxies: Proxies) -> None:
    exchange = begin(scope(HOST, *FORWARDED), FixedClock(5.0), proxies)
    assert (exchange.client_ip, exchange.host, exchange.via_proxy) == ("192.0.2.1", "gateway.example", False)


def test_a_proxy_that_says_nothing_is_what_the_request_came_through() -> None:
    exchange = begin(scope(HOST), FixedClock(5.0), Proxies(["192.0.2.1"]))
    assert (exchange.client_ip, exchange.host, exchange.via_proxy) == ("192.0.2.1", "gateway.example", True)


@pytest.mark.parametrize(("said", "host"), [(b"evil.example, acme.example", "acme.example"), (b"a.example,b.example:80", "b.example")])
def test_of_several_hosts_the_last_is_what_our_proxy_was_asked_for(said: bytes, host: str) -> None:
    assert begin(scope(HOST, (b"x-forwarded-host", said)), FixedClock(5.0), Proxies(["192.0.2.1"])).host == host


@pytest.mark.parametrize("said", [b"", b"a b", b"acme.example,", b"http://acme.example", b"acme.example/x"])
def test_a_host_that_is_none_is_an_error(said: bytes) -> None:
    assert isinstance(begin(scope(HOST, (b"x-forwarded-host", said)), FixedClock(5.0), Proxies(["192.0.2.1"])).error, Malformed)
