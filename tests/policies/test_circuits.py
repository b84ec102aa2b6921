"""Which circuit an operation's calls go through, and what is told of it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from gateway.policies.circuits import circuits_of, refusal
from gateway.sdk import Binding, Circuit, CircuitSettings, OperationConfig
from gateway.sdk.lanes import Lanes
from gateway.sdk.source_config import CircuitBreaker
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of

BREAKER = CircuitBreaker(failure_threshold=2)


def bound(services: FakeServices, shared: dict[str, Any], name: str = "order", **more: Any) -> Lanes[Circuit]:
    lanes = circuits_of(binding(shared, name, **more), services)
    assert lanes is not None
    return lanes


def binding(shared: dict[str, Any], name: str, *, own: bool = False, apart: frozenset[str] = frozenset()) -> Binding:
    config = OperationConfig(circuit_breaker="strict" if own else None)
    return binding_of(FakeOperation(name), config, breaker=BREAKER, shared=shared, apart=apart)


def states(services: FakeServices) -> dict[str, float]:
    prefix = "gateway_circuit_state"
    return {name.removeprefix(prefix): read() for name, read in services.metrics.gauges.items() if name.startswith(prefix)}


def test_without_a_circuit_breaker_there_is_none() -> None:
    assert circuits_of(binding_of(FakeOperation(), shared={}), FakeServices()) is None


def test_operations_of_a_source_share_one_and_lanes_have_their_own() -> None:
    services, shared = FakeServices(), {}
    first, second = (bound(services, shared, name, apart=frozenset({"acme"})) for name in ("a", "b"))
    assert first is second
    assert first.of("acme") is not first.of("t1")
    assert first.of("t1") is first.of("t2")


def test_an_operation_with_a_circuit_breaker_of_its_own_has_a_circuit_of_its_own() -> None:
    services, shared = FakeServices(), {}
    common, own, again = bound(services, shared), bound(services, shared, "search", own=True), bound(services, shared, "search", own=True)
    assert own is again
    own.of("t1").open(0.0)
    assert common.of("t1").state == "closed"
    assert services.standings.open_circuits("t1", 0.0) == ["erp"]
    assert states(services) == {
        '{lane="",operation="",source="erp"}': 0,
        '{lane="",operation="search",source="erp"}': 2,
    }
    assert services.standings.told("erp") == {"circuit": "closed", "circuits": [{"operation": "search", "state": "open"}]}


def test_a_tenant_that_is_apart_opens_nobody_elses() -> None:
    services = FakeServices()
    lanes = bound(services, {}, apart=frozenset({"acme"}))
    lanes.of("acme").open(0.0)
    assert lanes.of("t1").state == "closed"
    assert (services.standings.open_circuits("acme", 0.0), services.standings.open_circuits("t1", 0.0)) == (["erp"], [])
    assert services.standings.told("erp") == {"circuit": "closed", "circuits": [{"tenant": "acme", "state": "open"}]}


def test_each_turn_is_one_record_and_one_count(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="gateway")
    services = FakeServices()
    circuit = bound(services, {}, "search", own=True, apart=frozenset({"acme"})).of("acme")
    circuit.open(0.0)
    for _ in range(100):
        assert not circuit.admit(1.0)
    circuit.succeeded(circuit.admit(60.0), 60.0)
    assert [(record.name, record.levelname, record.getMessage()) for record in caplog.records] == [
        ("gateway.erp", "WARNING", "circuit of operation erp.search for tenant acme: open, was closed"),
        ("gateway.erp", "INFO", "circuit of operation erp.search for tenant acme: half_open, was open"),
        ("gateway.erp", "INFO", "circuit of operation erp.search for tenant acme: closed, was half_open"),
    ]
    counted = {
        to: services.metrics.total("gateway_circuit_transitions_total", source="erp", to=to) for to in ("open", "half_open", "closed")
    }
    assert counted == {"open": 1, "half_open": 1, "closed": 1}


def test_a_refusal_tells_when_to_come_again_where_that_is_known() -> None:
    circuit = Circuit(CircuitSettings(recovery_timeout=10.0))
    circuit.open(100.0)
    assert refusal(circuit, 104.0).retry_after == 6.0
    circuit.admit(110.0)
    assert refusal(circuit, 110.0).retry_after is None
