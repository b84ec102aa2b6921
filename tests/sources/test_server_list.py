"""`servers` as the transport gets them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.sdk import CheckSettings, CircuitSettings, HttpSettings, HttpSourceConfig
from gateway.sdk.fields import decode_hook
from gateway.sdk.http import EJECTION
from gateway.sdk.source_config import CircuitBreaker
from gateway.sources.server_list import settings_of, sound_servers, unreachable
from gateway.testing import FakeServices


def config(**keys: Any) -> HttpSourceConfig:
    written = {"source": "s", "type": "http", "servers": ["http://a.example"], **keys}
    return msgspec.convert(written, HttpSourceConfig, dec_hook=decode_hook)


def settings(services: FakeServices | None = None, *, pool: str = "", **keys: Any) -> HttpSettings:
    written, services = config(**keys), services or FakeServices()
    return settings_of(written, services, list(sound_servers(written, services)), pool)


def test_without_more_keys() -> None:
    assert settings() == HttpSettings(("http://a.example",), weights=(1.0,), ejection=EJECTION)


def test_weights_stand_beside_plain_urls() -> None:
    made = settings(servers=["http://a.example", {"url": "http://b.example/x", "weight": 2.5}, {"url": "http://c.example"}])
    assert (made.servers, made.weights) == (("http://a.example", "http://b.example/x", "http://c.example"), (1.0, 2.5, 1.0))


@pytest.mark.parametrize("weight", [0, -1, 1001, "2", None])
def test_a_weight_is_a_positive_number(weight: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        config(servers=[{"url": "http://a.example", "weight": weight}])


def test_faults_have_their_places() -> None:
    services = FakeServices()
    made = settings(services, servers=["ftp://a", {"url": "b.example", "weight": 2}, {"url": "http://good.example"}])
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW254", ("servers", 0)), ("GW254", ("servers", 1, "url"))]
    assert made.servers == ("http://good.example",)


def test_checks() -> None:
    assert settings(healthcheck={"endpoint": "/health"}).check == CheckSettings("/health", 10.0, 5.0, 3)
    written = {"endpoint": "/h?full=1", "interval": "1m", "timeout": "800ms", "threshold": 1}
    assert settings(healthcheck=written).check == CheckSettings("/h?full=1", 60.0, 0.8, 1)
    assert settings(healthcheck={"endpoint": "/", "interval": "0s"}).check == CheckSettings("/", 0.1, 5.0, 3)


@pytest.mark.parametrize("endpoint", ["health", "/a b", "/#x", "", "/ä", "/x\r\nhost: a", "http://a.example/health"])
def test_a_check_asks_for_a_path(endpoint: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        config(healthcheck={"endpoint": endpoint})


def test_the_source_s_circuit_breaker_is_that_of_each_server() -> None:
    inline = settings(circuit_breaker={"failure_threshold": 7, "recovery_timeout": "9s"})
    assert inline.ejection == CircuitSettings(failure_threshold=7, recovery_timeout=9.0)
    services = FakeServices()
    services.circuit_breakers = {"calm": CircuitBreaker(failure_threshold=2)}
    assert settings(services, circuit_breaker="calm").ejection == CircuitSettings(failure_threshold=2)
    assert settings(services, circuit_breaker="unknown").ejection == EJECTION


@pytest.mark.parametrize(("concurrency", "connections"), [(None, 100), (64, 100), (500, 500)])
def test_there_are_connections_for_as_many_calls_as_may_run(concurrency: int | None, connections: int) -> None:
    assert settings(**({"concurrency": concurrency} if concurrency else {})).connections == connections


def test_a_tenant_s_own_pool_has_its_name_and_the_source_s_ways() -> None:
    made = settings(pool="acme", balance="least_connections", engine="httpx", proxy="http://p.example")
    assert (made.pool, made.balance, made.engine, made.proxy) == ("acme", "least_connections", "httpx", "http://p.example")


def test_what_stands_in_for_servers_that_were_refused_reaches_nobody() -> None:
    made = unreachable(settings(engine="httpx", proxy="http://p.example", healthcheck={"endpoint": "/health"}))
    assert (made.servers, made.proxy, made.check, made.engine) == (("http://server.invalid",), None, None, "fast")
