"""The Redis server of the test kit."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from gateway.testing.redis import RedisServer, ServerMissing, find_program, redis_server


def skip_without_it() -> None:
    try:
        find_program()
    except ServerMissing as missing:
        pytest.skip(str(missing))


def folder_of(server: RedisServer) -> Path:
    return server._home


def refuses(server: RedisServer) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) != 0


@pytest.mark.service
def test_it_runs_and_leaves_nothing() -> None:
    skip_without_it()
    with redis_server() as server:
        assert server.url(3) == f"redis://127.0.0.1:{server.port}/3"
        assert server.run("SET", "é", "ü") == "OK"
        assert server.run("GET", "é") == "ü"
        assert server.run("GET", "nothing") == "-1"
        home = folder_of(server)
        with pytest.raises(RuntimeError, match="unknown command"):
            server.run("NONSENSE")
        assert home.exists()
    assert not home.exists()
    assert refuses(server)


@pytest.mark.service
def test_one_that_was_killed_starts_again_at_the_same_port_without_what_it_held() -> None:
    skip_without_it()
    with redis_server() as server:
        port = server.port
        server.run("SET", "k", "v")
        server.kill()
        assert refuses(server)
        server.kill()
        server.start()
        assert server.port == port
        assert server.run("GET", "k") == "-1"


@pytest.mark.service
def test_one_that_hangs_goes_on() -> None:
    skip_without_it()
    with redis_server() as server, socket.create_connection(("127.0.0.1", server.port), timeout=0.05) as connection:
        server.freeze()
        connection.sendall(b"PING\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(16)
        server.thaw()
        connection.settimeout(5)
        assert connection.recv(16) == b"+PONG\r\n"
        server.freeze()
    assert refuses(server)


@pytest.mark.service
def test_one_that_cannot_start_tells_why() -> None:
    skip_without_it()
    with pytest.raises(RuntimeError, match="nonsense"), redis_server("--nonsense", "x"):
        pass


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ServerMissing, match="apt-get install redis-server"):
        find_program()
