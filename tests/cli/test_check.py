from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run, write


def test_a_sound_folder_says_nothing_on_stdout(run: Run, folder: Path) -> None:
    result = run("check", "-C", folder)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 errors, 0 warnings: ready to serve\n"


def test_every_problem_is_shown(run: Run, broken: Path) -> None:
    result = run("check", "-C", broken)
    assert result.exit_code == 3
    assert result.stdout.startswith("warning[GW110]: `soft_deadline`")
    assert "error[GW101]: unknown key `timout` in intent `bad`\n --> specs/bad.yaml:3:1\n" in result.stdout
    assert result.stderr == "1 error, 1 warning: refused\n"


def test_warnings_alone_are_no_refusal(run: Run, tmp_path: Path) -> None:
    result = run("check", "-C", write(tmp_path, **{"specs/late.yaml": "intent: late\nsoft_deadline: 1s\noutput: {}\n"}))
    assert result.exit_code == 0
    assert "GW110" in result.stdout
    assert result.stderr == "0 errors, 1 warning: ready to serve\n"


def test_json_is_data(run: Run, broken: Path) -> None:
    result = run("check", "-C", broken, "--format", "json")
    assert (result.exit_code, result.stderr) == (3, "")
    found = json.loads(result.stdout)
    assert found["schema_version"] == 1
    assert [problem["code"] for problem in found["problems"]] == ["GW110", "GW101"]
    place = {"file": "specs/bad.yaml", "line": 3, "column": 1, "end": 7, "path": ["timout"]}
    text = {"message": "unknown key `timout` in intent `bad`", "hint": None}
    assert found["problems"][1] == {"code": "GW101", "severity": "error", **place, **text}


def test_a_folder_without_a_configuration(run: Run, tmp_path: Path) -> None:
    result = run("check", "-C", tmp_path)
    assert result.exit_code == 3
    assert "GW020" in result.stdout
