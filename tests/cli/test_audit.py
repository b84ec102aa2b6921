from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.planner.audit.catalogue import ENTRIES
from tests.cli.conftest import Run, write

SLOPPY = Path(__file__).parent / "sloppy"
SECRETS = ("correct-horse-battery", "AKIAIOSFODNN7EXAMPLE", "shop.internal")
SAYS_NOTHING = {"GA402"}
"""What only a configuration can show that this release refuses: a class without a mask."""


def test_a_sloppy_configuration(run: Run) -> None:
    result = run("audit", "-C", SLOPPY)
    assert result.stdout == (SLOPPY / "audit.txt").read_text(encoding="utf-8")
    assert (result.exit_code, result.stderr) == (1, "7 high, 13 medium, 5 low\n")
    assert {code for code in ENTRIES if f"[{code}]" not in result.stdout} == SAYS_NOTHING


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_no_value_is_shown(run: Run, form: str) -> None:
    result = run("audit", "-C", SLOPPY, "--format", form)
    assert result.exit_code == 1
    assert "GA301" in result.stdout
    assert not [secret for secret in SECRETS if secret in result.stdout + result.stderr]


def test_as_data(run: Run) -> None:
    found = json.loads(run("audit", "-C", SLOPPY, "--format", "json").stdout)
    assert (found["schema_version"], found["counts"]) == (1, {"high": 7, "medium": 13, "low": 5})
    first = found["findings"][0]
    assert (first["code"], first["severity"], first["file"], first["line"], first["column"]) == ("GA102", "high", "gateway.yaml", 10, 32)
    log = json.loads(run("audit", "-C", SLOPPY, "--format", "sarif").stdout)
    assert len(log["runs"][0]["results"]) == len(found["findings"]) == 25
    assert len(run("audit", "-C", SLOPPY, "--format", "github").stdout.splitlines()) == 25


@pytest.mark.parametrize(
    ("metrics", "threshold", "status"),
    [
        ("false", "low", 1), ("false", "medium", 1), ("false", "high", 0), ("false", "never", 0), ("true", "never", 0),
    ],
)  # fmt: skip
def test_what_counts(run: Run, tmp_path: Path, metrics: str, threshold: str, status: int) -> None:
    folder = write(tmp_path, **{"gateway.yaml": f"gateway: shop\ntelemetry: {{metrics: {metrics}}}\n"})
    assert run("audit", "-C", folder, "--fail-on", threshold).exit_code == status


def test_by_default_only_what_is_high_counts(run: Run, folder: Path) -> None:
    result = run("audit", "-C", folder)
    assert result.exit_code == 0
    assert "medium[GA504]" in result.stdout
    assert run("audit", "-C", folder, "--fail-on", "medium").exit_code == 1


def test_a_configuration_with_errors_is_not_audited(run: Run, broken: Path) -> None:
    result = run("audit", "-C", broken)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "GW101" in result.stderr


def test_an_unknown_severity_is_a_usage_error(run: Run, folder: Path) -> None:
    assert run("audit", "-C", folder, "--fail-on", "hihg").exit_code == 2


@pytest.mark.parametrize("code", ENTRIES)
def test_every_code_is_explained(run: Run, tmp_path: Path, code: str) -> None:
    told = run("explain", code.lower(), "-C", tmp_path)
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.startswith(f"{code}: {ENTRIES[code].title} (")


def test_the_assistant_has_nothing_high(run: Run) -> None:
    result = run("audit", "-C", Path(__file__).parents[2])
    assert result.exit_code == 0
    assert result.stderr.startswith("0 high, ")
