from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.audit.folders import GATEWAY, told


@pytest.mark.parametrize(("metrics", "found"), [("false", True), ("true", False)])
def test_no_metrics(tmp_path: Path, metrics: str, found: bool) -> None:
    expected = [("gateway.yaml:3:22", "metrics are switched off")] if found else []
    assert told(tmp_path, "GA701", gateway=f"{GATEWAY}telemetry: {{metrics: {metrics}}}\n") == expected


@pytest.mark.parametrize(("keys", "found"), [("", True), ("summary: Asks", False), ("access: {internal: true}", False)])
def test_no_summary(tmp_path: Path, keys: str, found: bool) -> None:
    expected = [("specs/all.yaml:1:1", "intent `ask` has no `summary`")] if found else []
    assert told(tmp_path, "GA702", specs=f"intent: ask\noutput: 1\n{keys}\n") == expected
