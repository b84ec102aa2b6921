"""Addresses of issuers: https, one origin."""

from __future__ import annotations

import pytest

from gateway.policies.issuer_address import Address, UnusableAddress, client_at, read_address
from gateway.testing import FakeServices


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://id.example/keys", Address("https://id.example", "/keys")),
        ("https://id.example", Address("https://id.example", "/")),
        ("https://ID.example:8443/a/b?tenant=1", Address("https://id.example:8443", "/a/b?tenant=1")),
        ("http://127.0.0.1:3000/jwks", Address("http://127.0.0.1:3000", "/jwks")),
        ("http://localhost/jwks", Address("http://localhost", "/jwks")),
        ("http://[::1]:3000/jwks", Address("http://[::1]:3000", "/jwks")),
    ],
)
def test_origin_and_path(url: str, address: Address) -> None:
    assert read_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "", "acme", "//id.example/keys", "ftp://id.example", "file:///etc/passwd", "https://", "https:///keys", "http://id.example/keys",
        "http://127.1/keys", "http://2130706433/", "http://0x7f000001/", "http://localhost.example/", "http://10.0.0.1/",
        "https://user:secret@id.example/", "https://id.example/#keys", "https://id.example:port/", "https://id.example:99999/",
        "https://[::1/", "https://id.example/a b", "https://id.example/\r\nx", "https://id.example/\u00e4", "http://[::ffff:8.8.8.8]/",
    ],
)  # fmt: skip
def test_everything_else_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UnusableAddress) as caught:
        read_address(url)
    assert not url or url not in str(caught.value)


def test_what_cannot_be_used_is_reported_where_it_stands() -> None:
    services = FakeServices()
    assert client_at("http://id.example", ("url",), services) is None
    assert client_at("https://" + "a" * 300 + ".example", ("url",), services) is None
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW524", ("url",))] * 2


async def test_a_client_is_of_the_origin_only() -> None:
    services = FakeServices()
    found = client_at("https://id.example/a?b=c", ("url",), services)
    assert found is not None
    assert services.settings[0].servers == ("https://id.example",)
    assert found[1].path == "/a?b=c"
    await services.close()
