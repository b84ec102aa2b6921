from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli import exits
from gateway.sdk import Place, Problem
from tests.cli.conftest import Run

PLACE = Place("a.yaml", 1, 1, 2)
ERROR = Problem("GW101", "error", "message", PLACE)
WARNING = Problem("GW110", "warning", "message", PLACE)


@pytest.mark.parametrize(
    ("problems", "text"),
    [
        ([], "0 errors, 0 warnings"),
        ([ERROR], "1 error, 0 warnings"),
        ([ERROR, WARNING, ERROR, WARNING], "2 errors, 2 warnings"),
        ([WARNING], "0 errors, 1 warning"),
    ],
)
def test_tally(problems: list[Problem], text: str) -> None:
    assert exits.tally(problems) == text


@pytest.mark.parametrize("verb", [["list"], ["explain", "hours"], ["call", "hours"], ["serve"]])
def test_all_that_load_refuse_the_same_on_stderr(run: Run, broken: Path, verb: list[str]) -> None:
    result = run("-C", broken, *verb)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "error[GW101]: unknown key `timout`" in result.stderr
    assert result.stderr.endswith("1 error, 1 warning\n")
    assert run("-C", broken, "check").stdout.strip() in result.stderr


def test_only_exceptions_are_own_faults() -> None:
    with exits.OwnFaults():
        pass
    with pytest.raises(KeyboardInterrupt), exits.OwnFaults():
        raise KeyboardInterrupt
    with pytest.raises(SystemExit) as ended, exits.OwnFaults():
        raise SystemExit(3)
    assert ended.value.code == 3
    with pytest.raises(SystemExit) as ended, exits.OwnFaults():
        raise ValueError
    assert ended.value.code == exits.INTERNAL


def test_the_codes_are_those_of_the_interface() -> None:
    codes = (exits.OK, exits.FINDINGS, exits.USAGE, exits.INVALID, exits.TESTS_FAILED, exits.UNREACHABLE, exits.INTERNAL)
    assert codes == (0, 1, 2, 3, 4, 5, 70)
