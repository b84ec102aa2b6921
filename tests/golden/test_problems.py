"""What is told of broken configurations: code, place under the exact word, hint and help, all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.catalogue import CODES
from tests.golden.cases import PROBLEMS, Case, check, lay, read, rewrite

CASES = sorted(PROBLEMS.glob("*.yaml"))
MANY = 120
SHOWN = re.compile(r"^(?:error|warning)\[(GW\d+)\]", re.MULTILINE)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_told(path: Path, tmp_path: Path) -> None:
    case = read(path)
    prepared, report = check(case, tmp_path)
    assert report == case.report
    errors = [problem for problem in prepared.problems if problem.severity == "error"]
    assert (prepared.plan is None) is bool(errors)


def test_the_sound_configuration_has_no_problem(tmp_path: Path) -> None:
    prepared, report = check(Case(), tmp_path)
    assert report == ""
    assert prepared.plan is not None


def test_every_code_is_shown() -> None:
    shown = {code for path in CASES for code in SHOWN.findall(read(path).report)}
    assert sorted(set(CODES) - shown) == []


def test_there_are_many() -> None:
    assert len(CASES) >= MANY


def test_what_a_case_can_say(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("#: env A=b c\n#: env D={folder}/d\n#: link specs/l.yaml -> m.yaml\n#: gone gateway.yaml\n#: raw x\n«ab»×3 \\xff\n")
    case = read(path)
    assert case == Case(
        raw={"x": b"ababab \xff\n"},
        environ={"A": "b c", "D": "{folder}/d"},
        links={"specs/l.yaml": "m.yaml"},
        gone=["gateway.yaml"],
    )
    folder = tmp_path / "folder"
    assert lay(case, folder) == {"A": "b c", "D": f"{folder}/d"}
    assert (folder / "x").read_bytes() == case.raw["x"]
    assert (folder / "specs/l.yaml").is_symlink()
    assert not (folder / "gateway.yaml").exists()


def test_rewriting_keeps_the_case_and_replaces_the_report(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("a: 1\n#: policies/b.yaml\nb: 1\n#: problems\n# old\n")
    rewrite(path, "error: new\n\n  | x\n")
    case = read(path)
    assert case.files == {"specs/case.yaml": "a: 1\n", "policies/b.yaml": "\n\nb: 1\n"}
    assert case.report == "error: new\n\n  | x\n"
