from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def test_the_kinds(run: Run) -> None:
    kinds = run("schema").stdout.split()
    assert {"gateway", "source", "intent", "route", "transform", "policy"} <= set(kinds) | {"source", "policy"}
    assert kinds == sorted(path.stem for path in (ROOT / "schemas").glob("*.json"))


@pytest.mark.parametrize("kind", ["gateway", "intent"])
def test_one_kind(run: Run, kind: str) -> None:
    result = run("schema", kind)
    assert result.stdout == (ROOT / f"schemas/{kind}.json").read_text()
    assert json.loads(result.stdout)["$schema"].endswith("2020-12/schema")


def test_all_are_written(run: Run, tmp_path: Path) -> None:
    result = run("schema", "--write", tmp_path / "a/b")
    assert (result.exit_code, result.stdout) == (0, "")
    assert {path.name: path.read_text() for path in (tmp_path / "a/b").iterdir()} == {
        path.name: path.read_text() for path in (ROOT / "schemas").iterdir()
    }


def test_an_unknown_kind(run: Run) -> None:
    result = run("schema", "intnet")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "unknown kind: intnet, did you mean intent?\n")
