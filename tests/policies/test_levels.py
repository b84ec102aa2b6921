"""Levels in force: for requests, for intents that they call, in the log and in metrics."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.policies.level_conditions import Condition, LevelConditions
from gateway.policies.level_settings import LevelSetting
from gateway.policies.levels import WAIT, Levels
from gateway.sdk import Scope
from gateway.sdk.standings import Standings
from gateway.testing.services import FakeMetrics
from tests.policies.test_level_conditions import Asks, more_than

NOW = 1_800_000_000.0


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW + self.seconds, UTC)


class Kit:
    def __init__(self, *tenants: str, **when: Asks) -> None:
        self.clock, self.metrics, self.standings = Clock(), FakeMetrics(), Standings()
        self.standings.separate("erp", ())
        conditions = LevelConditions(Condition(level, each, f"p.yaml:{level}") for level, each in when.items())  # type: ignore[arg-type]
        self.levels = Levels(
            conditions, tenants=frozenset(tenants or ("default",)), intents=frozenset({"track", "bill"}), clock=self.clock,
            metrics=self.metrics, standings=self.standings,
        )  # fmt: skip
        self.roots = {name: {"id": name} for name in tenants or ("default",)}

    def set(self, level: Any, **more: Any) -> None:
        self.levels.take([LevelSetting(level=level, at=self.levels.now(), **more)])

    def scope(self, tenant: str = "default", **user: Any) -> Scope:
        circuits = self.standings.open_circuits(tenant, self.clock.seconds)
        return {"user": user, "tenant": self.roots[tenant], "config": {}, "ctx": {"open_circuits": circuits}}

    def level(self, intent: str = "track", tenant: str = "default", **user: Any) -> str:
        force = self.levels.of(self.scope(tenant, **user), intent)
        return "full" if force is None else force.level

    def gauges(self) -> dict[str, float]:
        return {name.partition('"')[2].rstrip('"}'): read() for name, read in self.metrics.gauges.items() if "degradation_level" in name}


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    fields = [record.__dict__["fields"] for record in caplog.records if record.name == "gateway.levels"]
    return [(each["scope"], each["before"], each["degradation"]) for each in fields]


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gateway.levels")


def test_where_all_is_well_nothing_is_noted() -> None:
    assert Kit().levels.of(Kit().scope(), "track") is None
    kit = Kit(static=more_than(0))
    assert kit.levels.of(kit.scope(), "track") is None


def test_the_worst_of_conditions_and_operators_is_in_force() -> None:
    kit = Kit(static=more_than(0))
    kit.set("reduced")
    assert kit.level() == "reduced"
    kit.standings.turned("erp", "", "", until=60.0)
    assert kit.level() == "static"
    kit.set("maintenance", intent="track")
    assert (kit.level(), kit.level("bill")) == ("maintenance", "static")


def test_what_is_set_for_an_intent_that_is_called_counts_too() -> None:
    kit = Kit()
    kit.set("static", intent="bill")
    force = kit.levels.of(kit.scope(), "track")
    assert force is not None
    assert (force.level, force.within("bill").level, force.within("track").level) == ("full", "static", "full")


def test_a_refusal_tells_when_to_ask_again() -> None:
    kit = Kit()
    kit.set("maintenance", until=NOW + 600)
    assert kit.levels.refusal("default", "track").retry_after == 600
    kit.clock.seconds = 599.5
    assert kit.levels.refusal("default", "track").retry_after == 1.0
    kit.set("maintenance")
    assert kit.levels.refusal("default", "track").retry_after == WAIT


def test_each_change_is_one_record_and_shown_by_the_gauge(caplog: pytest.LogCaptureFixture) -> None:
    kit = Kit()
    assert kit.gauges() == {"gateway": 0}
    kit.set("static", reason="new database", by="ann", until=NOW + 60)
    kit.set("reduced", intent="track")
    for _ in range(3):
        kit.level()
    kit.clock.seconds = 60
    kit.levels.look()
    kit.levels.look()
    assert told(caplog) == [("gateway", "full", "static"), ("intent track", "full", "reduced"), ("gateway", "static", "full")]
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.WARNING, logging.INFO]
    fields = caplog.records[0].__dict__["fields"]
    assert (fields["reason"], fields["by"], fields["until"]) == ("new database", "ann", NOW + 60)
    assert kit.gauges() == {"gateway": 0, "intent track": 1}


def test_a_level_that_is_over_is_noticed_by_the_next_request(caplog: pytest.LogCaptureFixture) -> None:
    kit = Kit()
    kit.set("static", until=NOW + 60)
    kit.clock.seconds = 60
    assert kit.level() == "full"
    assert told(caplog)[-1] == ("gateway", "static", "full")


def test_what_conditions_ask_for_is_told_for_each_tenant(caplog: pytest.LogCaptureFixture) -> None:
    when = Asks(
        lambda scope: scope["tenant"]["id"] == "acme" and bool(scope["ctx"]["open_circuits"]), ("tenant", "id"), ("ctx", "open_circuits")
    )
    kit = Kit("acme", "zeta", static=when)
    for tenant in ("acme", "zeta"):
        assert kit.level(tenant=tenant) == "full"
    kit.standings.turned("erp", "", "", until=60.0)
    for _ in range(2):
        assert [kit.level(tenant=tenant) for tenant in ("acme", "zeta")] == ["static", "full"]
    assert kit.gauges() == {"gateway": 0, "tenant acme": 2}
    kit.clock.seconds = 60.0
    assert kit.gauges() == {"gateway": 0, "tenant acme": 0}, "though nobody has asked for anything since"
    assert kit.level(tenant="acme") == "full"
    assert told(caplog) == [("tenant acme", "full", "static"), ("tenant acme", "static", "full")]
    assert caplog.records[0].__dict__["fields"]["rule"] == "p.yaml:static"


def test_with_one_tenant_it_is_the_gateways(caplog: pytest.LogCaptureFixture) -> None:
    kit = Kit(static=more_than(0))
    kit.set("reduced")
    kit.standings.turned("erp", "", "", until=60.0)
    kit.level()
    kit.set("full")
    assert told(caplog) == [("gateway", "full", "reduced"), ("gateway", "reduced", "static")]
    assert kit.gauges() == {"gateway": 2}


def test_what_depends_on_who_asks_is_in_force_for_no_scope(caplog: pytest.LogCaptureFixture) -> None:
    kit = Kit(static=Asks(lambda scope: scope["user"].get("slow") is True, ("user", "slow")))
    assert [kit.level(slow=True), kit.level(), kit.level(slow=True)] == ["static", "full", "static"]
    assert (told(caplog), kit.gauges()) == ([], {"gateway": 0})
