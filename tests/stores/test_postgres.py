"""PostgreSQL: the store's contract on a server of the test's own, also while it is killed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from gateway.sdk import RecordStore, RecordsUnavailable
from gateway.stores.postgres import DRIVER, PostgresConfig, build, component
from gateway.testing import FakeServices
from gateway.testing.contracts import RecordStoreContract
from gateway.testing.postgres import Postgres, ServerMissing, postgres_server

NUMBERS = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    try:
        with postgres_server() as running:
            yield running
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def database(server: Postgres) -> str:
    name = f"records{next(NUMBERS)}"
    server.run(f"CREATE DATABASE {name}")
    return name


def store_at(url: str) -> RecordStore:
    services = FakeServices()
    store = build(PostgresConfig(url=url), services)
    assert services.problems == []
    assert store is not None
    return store


@pytest.mark.service
class TestPostgres(RecordStoreContract):
    @pytest.fixture
    def make(self, server: Postgres, database: str) -> Callable[[], RecordStore]:
        return lambda: store_at(server.url(database))

    @pytest.fixture
    def gone(self, server: Postgres) -> RecordStore:
        return store_at(server.url("nobody_made_it"))

    def test_a_connection_that_was_ended_is_made_anew(self, server: Postgres, database: str, make: Callable[[], RecordStore]) -> None:
        store = make()
        store.append(["a"])
        server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        with pytest.raises(RecordsUnavailable):
            store.append(["b"])
        assert store.append(["b"], unless_after=1).head.sequence == 2
        store.close()

    def test_a_server_that_is_killed_comes_back(self, server: Postgres, database: str, make: Callable[[], RecordStore]) -> None:
        """A server process that is killed takes all others with it: PostgreSQL restarts them and recovers."""
        store = make()
        store.append(["a"])
        os.kill(int(server.run(f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}'")), signal.SIGKILL)
        head = 0
        give_up = time.monotonic() + 10
        while head == 0 and time.monotonic() < give_up:
            try:
                head = store.append(["b"], unless_after=1).head.sequence
            except RecordsUnavailable:
                time.sleep(0.02)
        assert head == 2
        assert [link.body for link in self.stored(store)[1]] == ["a", "b"]
        store.close()

    def test_a_lock_that_somebody_keeps_is_not_waited_for_long(
        self, server: Postgres, database: str, make: Callable[[], RecordStore], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.stores.postgres_driver._SETTINGS", "SET lock_timeout = '20ms'")
        store, other = make(), make()
        store.open()
        with other._writing() as connection:  # type: ignore[attr-defined] -- holds the row as a writer that hangs would
            other._locked(connection)  # type: ignore[attr-defined]
            with pytest.raises(RecordsUnavailable, match="55P03"):
                store.append(["a"])
        assert store.append(["a"]).head.sequence == 1
        store.close()
        other.close()


@pytest.mark.parametrize("url", ["postgresql+psycopg://h/x", "postgresql://u:hush@h/x?nothing=1", "postgresql://u:hush@[h/x"])
def test_a_url_that_libpq_cannot_read_is_refused(url: str) -> None:
    services = FakeServices()
    assert build(PostgresConfig(url=url), services) is None
    (problem,) = services.problems
    assert (problem.code, problem.hint) == ("GW252", "write for example `postgresql://user@host/name`")
    assert "hush" not in problem.message


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, DRIVER, None)
    services = FakeServices()
    assert build(PostgresConfig(url="postgresql://h/x"), services) is None
    (problem,) = services.problems
    assert (problem.code, problem.hint) == ("GW253", "install it with `pip install 'gateway[postgres]'`")


def test_the_component_says_what_it_is() -> None:
    assert (component.kind, component.name) == ("store", "postgresql")
