"""Findings as text, SARIF and annotations; a file's own lines are never part of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.audit.catalogue import ENTRIES
from gateway.planner.audit.finding import Finding
from gateway.planner.audit.report import counts, github, json_record, render_text, sarif, tally
from gateway.sdk import Place
from tests.config.test_report_sarif_schema import faults

FINDINGS = [
    Finding("GA301", "the value of `password` stands in the file", Place("gateway.yaml", 2, 11, 18), ("config", "password")),
    Finding("GA202", "source `a` has no `circuit_breaker`", Place("specs/a.yaml", 1, 1, 7)),
    Finding("GA202", "source `b\x1b` has no `circuit_breaker`", Place("specs/b\x1b.yaml", 1, 1, 7)),
    Finding("GA204", "reads of source `a` have no `retry`", Place("specs/a.yaml", 1, 1, 7)),
]
SECRET = "hunter2"


def folder(where: Path) -> Path:
    (where / "gateway.yaml").write_text(f"config:\n  password: {SECRET}\n")
    return where


def test_text_groups_by_code() -> None:
    text = render_text(FINDINGS)
    assert text.splitlines()[7:14] == [
        "medium[GA202]: A backend without a circuit breaker",
        "  --> specs/a.yaml:1:1",
        "      source `a` has no `circuit_breaker`",
        "  --> specs/b\\x1b.yaml:1:1",
        "      source `b\\x1b` has no `circuit_breaker`",
        "  = why: While it fails, every call still waits for it and adds to its load.",
        "  = do: write `circuit_breaker`, named in a policy `circuit_breakers` or inline.",
    ]
    assert "\x1b" not in text
    assert render_text([]) == ""


def test_colour_is_where_it_is_asked_for() -> None:
    assert render_text(FINDINGS, color=True).startswith("\x1b[1;31mhigh[GA301]\x1b[0m: A secret stands in a file\n")


def test_counts() -> None:
    assert counts(FINDINGS) == {"high": 1, "medium": 2, "low": 1}
    assert tally(FINDINGS) == "1 high, 2 medium, 1 low"
    assert json_record(FINDINGS[:1])["counts"] == {"high": 1, "medium": 0, "low": 0}


def test_sarif(tmp_path: Path) -> None:
    log = sarif(FINDINGS, folder=folder(tmp_path))
    (run,) = log["runs"]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("GA301", "error"),
        ("GA202", "warning"),
        ("GA202", "warning"),
        ("GA204", "note"),
    ]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert all(rules[result["ruleId"]] is run["tool"]["driver"]["rules"][result["ruleIndex"]] for result in run["results"])
    assert rules["GA204"]["defaultConfiguration"] == {"level": "note"}
    assert rules["GA204"]["shortDescription"] == {"text": "Reads that are tried only once"}
    assert rules["GA204"]["help"] == {"text": "write `retry: {{max: 1, codes: [connect, 502, 503, 504]}}`."}
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 11, "endColumn": 18}
    assert SECRET not in str(log)


def test_annotations(tmp_path: Path) -> None:
    lines = github(FINDINGS, folder=folder(tmp_path)).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::warning", "::warning", "::notice"]
    assert f"file={tmp_path}/gateway.yaml,line=2,col=11" in lines[0]
    assert "A secret stands in a file: the value of `password` stands in the file" in lines[0]
    assert SECRET not in str(lines)


@pytest.mark.service
def test_the_log_meets_the_schema_of_sarif(tmp_path: Path) -> None:
    every = [Finding(code, "{x} [a](b)", Place(f"{code} #?:.yaml", 1, 1, 1), ("a", 0)) for code in ENTRIES]
    assert faults(sarif(every, folder=tmp_path)) == []
    assert faults(sarif([], folder=tmp_path)) == []
