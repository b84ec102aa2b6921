"""Files → problems → plan → application."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.app import Refused, application, build, prepare

SOUND = """
gateway: shop
identity: [{anonymous: {roles: [anonymous]}}]
"""


def folder(path: Path, text: str) -> Path:
    (path / "gateway.yaml").write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("telemetry", "status"), [("", 200), ("telemetry: {metrics: true}", 200), ("telemetry: {metrics: false}", 404)])
def test_metrics_are_shown_unless_they_are_switched_off(tmp_path: Path, telemetry: str, status: int) -> None:
    made = build(folder(tmp_path, SOUND + telemetry), environ={})
    assert TestClient(made.admin_asgi).get("/metrics").status_code == status


def test_what_has_an_error_is_refused_with_every_problem(tmp_path: Path) -> None:
    prepared = prepare(folder(tmp_path, "gateway: shop\nserver: {port: x}\nsummry: y\n"), environ={})
    assert prepared.plan is None
    with pytest.raises(Refused) as refused:
        application(prepared)
    assert {problem.code for problem in refused.value.problems} >= {"GW101", "GW102"}


def test_the_environment_names_the_overlay(tmp_path: Path) -> None:
    (tmp_path / "gateway.prod.yaml").write_text("gateway: store\n", encoding="utf-8")
    names = [prepare(folder(tmp_path, SOUND), environ=environ).plan for environ in ({}, {"GATEWAY_ENV": "prod"})]
    assert [plan.name for plan in names if plan is not None] == ["shop", "store"]
