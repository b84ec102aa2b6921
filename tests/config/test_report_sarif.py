"""SARIF: the parts that its readers rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import __version__
from gateway.config.catalogue import CODES
from gateway.config.report_sarif import sarif_log
from gateway.sdk.problem import Place, Problem

PLACE = Place("specs/a b.yaml", 2, 3, 9)


def run_of(problems: list[Problem], folder: Path) -> dict[str, Any]:
    (run,) = sarif_log(problems, folder=folder)["runs"]
    found: dict[str, Any] = json.loads(json.dumps(run))
    return found


def results_of(problems: list[Problem], folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run_of(problems, folder)["results"]
    return found


def test_no_problems_are_an_empty_run(tmp_path: Path) -> None:
    assert sarif_log([], folder=tmp_path) == {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "gateway", "version": __version__, "rules": []}},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"SRCROOT": {"uri": f"{tmp_path.as_uri()}/"}},
                "results": [],
            }
        ],
    }


def test_a_result(tmp_path: Path) -> None:
    found = Problem("GW102", "warning", "`a` is {0}", PLACE, ("steps", 0, "call"), "write [x](y)", "allowed: b")
    (result,) = results_of([found], tmp_path)
    fingerprint = result.pop("partialFingerprints")
    assert result == {
        "ruleId": "GW102",
        "ruleIndex": 0,
        "level": "warning",
        "message": {"text": "`a` is {{0}}\nwrite [x] (y)\nallowed: b"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "specs/a%20b.yaml", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 2, "startColumn": 3, "endColumn": 9},
                },
                "logicalLocations": [{"fullyQualifiedName": "steps[0].call"}],
            }
        ],
    }
    assert set(fingerprint) == {"problem/v1"}


def test_one_rule_for_each_code_that_is_used(tmp_path: Path) -> None:
    problems = [Problem(code, "error", "m", PLACE) for code in ("GW104", "GW101", "GW104")]
    run = run_of(problems, tmp_path)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["GW101", "GW104"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["GW104", "GW101", "GW104"]
    assert rules[0]["shortDescription"] == {"text": CODES["GW101"]}
    assert rules[0]["fullDescription"]["text"].startswith("The key is not known at this place.")
    assert rules[0]["help"] == rules[0]["fullDescription"]


def test_fingerprints_stay_when_lines_move_and_are_each_their_own(tmp_path: Path) -> None:
    def prints(*problems: Problem) -> list[str]:
        return [result["partialFingerprints"]["problem/v1"] for result in results_of(list(problems), tmp_path)]

    here, below = Problem("GW101", "error", "m", PLACE, ("a",)), Problem("GW101", "error", "m", Place(PLACE.file, 9, 1, 2), ("a",))
    other = Problem("GW101", "error", "m", PLACE, ("b",))
    assert prints(here) == prints(below)
    assert len(set(prints(here, below, other))) == 3


def test_a_fix_names_what_goes_and_what_comes(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / PLACE.file).write_text("intent: a\n  timout: 1s\n")
    sure, unsure = Problem("GW101", "error", "m", PLACE, fix="timeout"), Problem("GW101", "error", "m", PLACE)
    first, second = results_of([sure, unsure], tmp_path)
    assert "fixes" not in second
    ((change,),) = [fix["artifactChanges"] for fix in first["fixes"]]
    assert change == {
        "artifactLocation": {"uri": "specs/a%20b.yaml", "uriBaseId": "SRCROOT"},
        "replacements": [{"deletedRegion": {"startLine": 2, "startColumn": 3, "endColumn": 9}, "insertedContent": {"text": "timeout"}}],
    }


@pytest.mark.parametrize(
    ("file", "uri"), [("a:b.yaml", "a%3Ab.yaml"), ("ä#?.yaml", "%C3%A4%23%3F.yaml"), ("\ud800.yaml", "%3F.yaml"), ("a/b.yaml", "a/b.yaml")]
)
def test_files_are_relative_references(file: str, uri: str, tmp_path: Path) -> None:
    (result,) = results_of([Problem("GW101", "error", "m", Place(file, 1, 1, 1))], tmp_path)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_told_whole_and_as_text(tmp_path: Path, file: str, message: str) -> None:
    (result,) = results_of([Problem("GW101", "error", message, Place(file or "a", 1, 1, 2))], tmp_path)
    text = result["message"]["text"]
    assert "{" not in text.replace("{{", "")
    assert "](" not in text
    assert len(text.splitlines()) <= 1
