"""Starting and ending."""

from __future__ import annotations

import io
import json
import logging

import pytest

from gateway.sdk import Unavailable
from gateway.server.application import Application
from gateway.telemetry.logs import LogWriter
from tests.server.gateways import Client, FakeSource, make_plan


async def test_a_source_that_is_away_does_not_stop_the_gateway(caplog: pytest.LogCaptureFixture) -> None:
    up, away = FakeSource(), FakeSource(fails=Unavailable())
    application = Application(make_plan(sources={"up": up, "away": away}))
    await application.startup()
    assert (await Client(application).get("/readyz")).status == 200
    assert ["source away is not ready" in record.getMessage() for record in caplog.records] == [True]
    await application.shutdown()
    assert up.events == away.events == ["start", "close"]


async def test_what_else_has_to_start_does_so_before_the_gateway_is_ready(caplog: pytest.LogCaptureFixture) -> None:
    started: list[str] = []

    async def start() -> None:
        started.append("keys")

    async def fail() -> None:
        raise Unavailable

    application = Application(make_plan(starters=(("jwt", fail), ("jwt", start))))
    await application.startup()
    assert started == ["keys"]
    assert ["jwt is not ready" in record.getMessage() for record in caplog.records] == [True]
    assert (await Client(application).get("/readyz")).status == 200


async def test_everything_is_closed_whatever_becomes_of_the_others(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[str] = []

    async def close() -> None:
        closed.append("client")

    def fail() -> None:
        closed.append("failing")
        raise ZeroDivisionError

    first, second = FakeSource(fails=Unavailable()), FakeSource()
    application = Application(make_plan(sources={"first": first, "second": second}, closers=(fail, close)))
    await application.shutdown()
    assert (second.events, closed) == (["close"], ["failing", "client"])
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


async def test_a_request_leaves_one_record_in_the_processs_log() -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, service="acme")
    writer.start()
    await Client(Application(make_plan())).chat({"intent": "track_order"})
    writer.close()
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(record["event"], record["intent"], record["user"]) for record in told] == [("request", "track_order", "let-me-in")]


def test_the_plan_in_force_is_told() -> None:
    plan = make_plan()
    assert Application(plan).plan is plan
