from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.config.catalogue import CODES
from tests.cli.conftest import Run


def test_an_intent(run: Run, folder: Path) -> None:
    result = run("explain", "hours", "-C", folder)
    assert result.exit_code == 0
    assert result.stdout.startswith("hours (version 1)  specs/shop.yaml:")
    assert result.stdout.endswith("\n")
    assert not result.stdout.endswith("\n\n")
    assert "call stores.hours [read] at once" in result.stdout


def test_as_data(run: Run, folder: Path) -> None:
    found = json.loads(run("explain", "hours", "-C", folder, "--format", "json").stdout)
    assert (found["intent"], found["roles"]) == ("hours", ["anonymous"])
    assert [step["id"] for step in found["steps"]] == ["hours"]


@pytest.mark.parametrize("code", ["GW101", "gw101"])
def test_a_code_needs_no_configuration(run: Run, tmp_path: Path, code: str) -> None:
    result = run("-C", tmp_path, "explain", code)
    assert result.exit_code == 0
    assert result.stdout.startswith("GW101: An unknown key\n\n")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_text(run: Run, code: str) -> None:
    title, _, text = run("explain", code).stdout.partition("\n\n")
    assert title == f"{code}: {CODES[code]}"
    assert text.strip()


@pytest.mark.parametrize(
    ("name", "near"), [("huors", ", did you mean hours?"), ("gw_stauts", ", did you mean gw_status?"), ("xyz", ""), ("GW999", "")]
)
def test_an_unknown_name_is_a_usage_error(run: Run, folder: Path, name: str, near: str) -> None:
    result = run("explain", name, "-C", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"unknown: {name}{near}\n"


def test_an_intent_may_be_called_like_a_code(run: Run, folder: Path) -> None:
    assert run("explain", "gw_status", "-C", folder).stdout.startswith("gw_status (version 1)")
