from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config.catalogue import CODES
from tests.cli.conftest import Run


def test_an_intent(run: Run, folder: Path) -> None:
    result = run("explain", "hours", "-C", folder)
    assert result.exit_code == 0
    assert result.stdout.startswith("hours (version 1) [specs/shop.yaml:")
    assert result.stdout.endswith("\n")
    assert not result.stdout.endswith("\n\n")
    assert "hours: call stores.hours (read), at once" in result.stdout


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
    ("name", "told"),
    [
        ("huors", "intent: huors, did you mean hours?"),
        ("gw_stauts", "intent: gw_stauts, did you mean gw_status?"),
        ("xyz", "intent: xyz"),
        ("GW1012", "code: GW1012, did you mean GW101?"),
        ("gw", "intent: gw"),
    ],
)
def test_an_unknown_name_is_a_usage_error(run: Run, folder: Path, name: str, told: str) -> None:
    result = run("explain", name, "-C", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"unknown {told}\n"


def test_an_intent_may_be_called_like_a_code(run: Run, folder: Path) -> None:
    assert run("explain", "gw_status", "-C", folder).stdout.startswith("gw_status (version 1)")


def test_without_an_intent_all_are_listed(run: Run, folder: Path) -> None:
    result = run("explain", "-C", folder)
    assert (result.exit_code, result.stdout) == (0, "echo\ngw_status\nhours: When the stores are open\n")
    listed = json.loads(run("explain", "-C", folder, "--format", "json").stdout)
    assert listed[2] == {"intent": "hours", "version": 1, "summary": "When the stores are open"}


def test_who_may_call(run: Run, folder: Path) -> None:
    shown = run("explain", "gw_status", "-C", folder, "--as", "role=anonymous").stdout
    assert "asked for role=anonymous\n  no: intent:gw_status\n" in shown
    data = json.loads(run("explain", "gw_status", "-C", folder, "--as", "role=staff", "--as", "scope=x", "--format", "json").stdout)
    assert (data["asked"], data["verdicts"][0]["answer"]) == (["role=staff", "scope=x"], "yes")


def test_as_a_drawing(run: Run, folder: Path) -> None:
    shown = run("explain", "hours", "-C", folder, "--format", "mermaid").stdout
    assert shown.startswith('flowchart TD\n  ask(["hours"])\n')


def test_a_configuration_with_errors_is_not_explained(run: Run, broken: Path) -> None:
    result = run("explain", "hours", "-C", broken)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "GW101" in result.stderr


@pytest.mark.parametrize("form", ["text", "json", "mermaid"])
@pytest.mark.parametrize("setting", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_without_utf8(folder: Path, form: str, setting: dict[str, str]) -> None:
    (folder / "specs/shop.yaml").write_text(
        "intent: hours\nsummary: Öffnungszeiten 日本\nsteps: {a: {let: {x: 'größer'}, when: \"input.x == 'ä'\"}}\n"
        "input: {type: object, properties: {x: {type: string, default: é}}}\noutput: ${ steps.a }\n",
        encoding="utf-8",
    )
    environment = {"PATH": os.environ["PATH"], **setting}
    (folder / "policies/roles.yaml").unlink()
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "explain", "hours", "-C", str(folder), "--format", form]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    if form == "json":
        assert json.loads(done.stdout)["summary"] == "Öffnungszeiten 日本"
    elif form == "text":
        assert b"?ffnungszeiten ??" in done.stdout
