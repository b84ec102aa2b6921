"""Everything that is printed as SARIF meets the schema of SARIF 2.1.0, which the npm package @microsoft/jest-sarif carries."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from gateway.config.catalogue import CODES
from gateway.config.report_sarif import sarif_log
from gateway.sdk.problem import Place, Problem
from tests.golden.cases import PROBLEMS, check, read
from tests.npm import npm_package

pytestmark = pytest.mark.service
FORMS = PROBLEMS.parent / "forms"


@cache
def validator() -> Draft4Validator:
    schema = npm_package("@microsoft/jest-sarif") / "lib/schemas/sarif-2.1.0-rtm.5.json"
    return Draft4Validator(json.loads(schema.read_text(encoding="utf-8")), format_checker=FormatChecker())


def faults(log: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(json.loads(json.dumps(log)))]


def test_the_schema_finds_faults() -> None:
    assert len(faults({"version": "2.1.0", "runs": [{"tool": {}, "columnKind": "bytes"}]})) >= 2


def test_a_log_without_problems(tmp_path: Path) -> None:
    assert faults(sarif_log([], folder=tmp_path)) == []


def test_the_log_that_is_kept() -> None:
    assert faults(json.loads((FORMS / "sarif.txt").read_text(encoding="utf-8"))) == []


def test_every_code_at_any_place(tmp_path: Path) -> None:
    problems = [Problem(code, "warning", "{x} [a](b)", Place(f"{code} #?:\ud800.yaml", 1, 1, 1), ("a", 0), "h", "x", "f") for code in CODES]
    assert faults(sarif_log(problems, folder=tmp_path)) == []


@pytest.mark.parametrize("path", sorted(PROBLEMS.glob("*.yaml"))[::8], ids=lambda path: path.stem)
def test_broken_configurations(path: Path, tmp_path: Path) -> None:
    assert faults(sarif_log(check(read(path), tmp_path)[0].problems, folder=tmp_path)) == []
