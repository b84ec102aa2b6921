"""A busy port is a clear error before anything starts."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from gateway.runtime.plan import ServerSettings
from gateway.server.sockets import CannotListen, address, listen


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def never(message: str) -> None:
    raise AssertionError(message)


def test_both_sockets_listen_before_anything_is_served() -> None:
    listeners = listen(ServerSettings(port=0, admin_port=0), warn=never)
    try:
        for listening in listeners:
            assert listening.proto == socket.IPPROTO_TCP
            socket.create_connection(listening.getsockname()[:2]).close()
            assert address(listening) == f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listeners.close()


def test_a_busy_port_is_told_with_what_to_do(busy: int) -> None:
    with pytest.raises(CannotListen, match=f"127.0.0.1:{busy} is in use by another program; set `server.port` to a free port."):
        listen(ServerSettings(port=busy), warn=never)


def test_a_busy_port_of_the_operators_own_is_an_error_too(busy: int) -> None:
    with pytest.raises(CannotListen, match=r"server\.admin"):
        listen(ServerSettings(port=0, admin_port=busy, admin_is_default=False), warn=never)


def test_a_busy_default_port_of_the_operators_is_a_warning(busy: int) -> None:
    warnings: list[str] = []
    listeners = listen(ServerSettings(port=0, admin_port=busy), warn=warnings.append)
    listeners.close()
    assert len(warnings) == 1
    assert f"127.0.0.1:{busy} is in use" in warnings[0]
    assert "The operators' listener is at 127.0.0.1:" in warnings[0]


def test_an_address_that_is_not_here_is_told() -> None:
    with pytest.raises(CannotListen, match="no such address"):
        listen(ServerSettings(host="no such host"), warn=never)
    with pytest.raises(CannotListen, match="no such address"):
        listen(ServerSettings(host="a..b"), warn=never)
    with pytest.raises(CannotListen, match="can't be listened on"):
        listen(ServerSettings(host="192.0.2.1", port=0), warn=never)


@pytest.mark.skipif(not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"), reason="this machine has no IPv6")
def test_an_ipv6_address_stands_in_brackets() -> None:
    try:
        listeners = listen(ServerSettings(host="::1", port=0, admin_port=0), warn=never)
    except CannotListen:
        pytest.skip("this machine has no IPv6 loopback")
    assert address(listeners.public).startswith("[::1]:")
    listeners.close()
