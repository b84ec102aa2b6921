from __future__ import annotations

import json
from pathlib import Path

import jsonschema
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


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("intent.steps.*.fallback", ["exactly one of `call`, `return` or `stale`", "fallback:"]),
        ("source.timeout", ["takes     a duration such as `800ms` or `2s`", "default   5s"]),
        ("source.operations.*.query", ["source.operations.*.query  (http)", "source.operations.*.query  (sql)"]),
        ("source.llm", ["A language model. Checked, but not in force in this release."]),
    ],
)
def test_the_reference_of_a_key(run: Run, path: str, lines: list[str]) -> None:
    result = run("schema", path)
    assert (result.exit_code, result.stderr) == (0, "")
    shown = [line.strip() for line in result.stdout.splitlines()]
    assert shown[0].startswith(path)
    assert [line for line in lines if line not in shown] == []


def test_the_reference_of_a_kind_is_text_where_asked_for(run: Run) -> None:
    assert run("schema", "intent", "--format", "text").stdout.startswith("intent\n  What a caller can ask for")
    assert run("schema", "intent", "--format", "json").stdout == run("schema", "intent").stdout


@pytest.mark.parametrize("path", ["intent.steps.*.fallback", "source.http.operations.*.batch", "source.sql", "source.balance"])
def test_a_key_as_json_schema(run: Run, path: str) -> None:
    schema = json.loads(run("schema", path, "--format", "json").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    assert all(f'"{part.split(chr(34))[0]}": {{' in text for part in text.split('"#/$defs/')[1:]), "what is referred to is there"


def test_a_json_schema_of_a_key_that_forms_have_otherwise(run: Run) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(run("schema", "source.operations.*.query", "--format", "json").stdout))
    assert validator.is_valid("SELECT 1")
    assert validator.is_valid({"lang": "de"})
    assert not validator.is_valid(5)


def test_each_form_keeps_its_own_definitions(run: Run) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(run("schema", "source.operations.*", "--format", "json").stdout))
    assert validator.is_valid({"request": "GET /x", "cache": {"ttl": "5s"}})
    assert validator.is_valid({"query": "SELECT 1", "read_only": True})
    assert not validator.is_valid({"request": "GET /x", "cache": {"tl": "5s"}})


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("intent.steps.*.fallbck", "there is no `fallbck` in intent.steps.*, did you mean intent.steps.*.fallback?\nknown here: call, "),
        ("intnet.steps", "there is no kind `intnet`, did you mean intent.steps?\nknown here: gateway, "),
        ("source.", "there is no `` in source\nknown here: "),
        ("spec.x", "there is no kind `spec`"),
    ],
)
def test_an_unknown_key(run: Run, path: str, told: str) -> None:
    result = run("schema", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(told)


def test_a_file_that_is_no_kind_has_no_reference(run: Run) -> None:
    result = run("schema", "spec", "--format", "text")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "there is no kind `spec`")
