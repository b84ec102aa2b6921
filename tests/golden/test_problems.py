"""What is told of broken configurations: code, place under the exact word, hint and help, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.catalogue import CODES
from tests.golden.cases import PROBLEMS, check, read, rewrite

CASES = sorted(PROBLEMS.glob("*.yaml"))
OF_THE_PLANNER = tuple(f"GW{number}" for number in [*range(220, 240), *range(301, 400), *range(501, 520)])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_told(path: Path, tmp_path: Path) -> None:
    case = read(path)
    prepared, report = check(case, tmp_path)
    assert report == case.report
    errors = [problem for problem in prepared.problems if problem.severity == "error"]
    assert (prepared.plan is None) is bool(errors)


def test_the_sound_configuration_has_no_problem(tmp_path: Path) -> None:
    prepared, report = check(read(CASES[0])._replace(files={}), tmp_path)
    assert report == ""
    assert prepared.plan is not None


def test_every_code_of_the_planner_is_shown() -> None:
    shown = "".join(read(path).report for path in CASES)
    assert [code for code in CODES if code in OF_THE_PLANNER and f"[{code}]" not in shown] == []


def test_rewriting_keeps_the_case_and_replaces_the_report(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("a: 1\n#: policies/b.yaml\nb: 1\n#: problems\n# old\n")
    rewrite(path, "error: new\n\n  | x\n")
    case = read(path)
    assert case.files == {"specs/case.yaml": "a: 1\n", "policies/b.yaml": "\n\nb: 1\n"}
    assert case.report == "error: new\n\n  | x\n"
