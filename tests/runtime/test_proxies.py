"""Whose word is taken about where a request came from."""

from __future__ import annotations

import pytest

from gateway.runtime.proxies import MOST_HOPS, Proxies

PROXIES = Proxies(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("10.1.2.3", True),
        ("192.0.2.1", True),
        ("2001:db8::7", True),
        ("::ffff:10.0.0.1", True),
        ("192.0.2.2", False),
        ("11.0.0.1", False),
        ("2001:db9::1", False),
        ("", False),
        ("10.1", False),
        ("0x0a000001", False),
        ("localhost", False),
    ],
)
def test_addresses_and_networks(address: str, trusted: bool) -> None:
    assert PROXIES.trusts(address) is trusted
    assert not Proxies().trusts(address)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2,192.0.2.1", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db9::1]:4711", "2001:db9::1"),
        ("10.0.0.1", "2001:db9::1", "2001:db9::1"),
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", ",,,", "10.0.0.1"),
        ("10.0.0.1", "evil\r\n", "10.0.0.1"),
        ("", "203.0.113.9", ""),
    ],
)
def test_a_client_is_the_last_that_no_proxy_of_ours_is(peer: str, forwarded: str | None, client: str) -> None:
    assert PROXIES.client(peer, forwarded) == client


def test_only_so_many_hops_are_looked_at() -> None:
    assert PROXIES.client("10.0.0.1", "203.0.113.9" + ", 10.0.0.2" * (MOST_HOPS + 5)) == "10.0.0.2"
    assert PROXIES.client("10.0.0.1", "1.1.1.1," * 100_000) == "10.0.0.1"


@pytest.mark.parametrize("written", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", "*", ""])
def test_what_is_neither_is_an_error(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- ipaddress words it
        Proxies([written])
