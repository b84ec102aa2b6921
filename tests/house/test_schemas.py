"""`schemas/` is what the models say: a change of a model without `make schemas` fails here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from tests.house.schemas import SCHEMAS, committed, generated, write
from tests.house.tree import ROOT

MODELINE = re.compile(r"(?m)^# yaml-language-server: \$schema=(\S+)$")
DOCUMENTS = [ROOT / "gateway.yaml", *sorted((ROOT / "specs").rglob("*.yaml")), *sorted((ROOT / "policies").rglob("*.yaml"))]


def test_committed_schemas_are_the_generated_ones() -> None:
    wanted, there = generated(), committed()
    assert sorted(there) == sorted(wanted), "run make schemas"
    assert [name for name, text in wanted.items() if there[name] != text] == [], "run make schemas"


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "stale.schema.json").write_text("{}")
    write(tmp_path)
    assert committed(tmp_path) == generated()


@pytest.mark.parametrize("name", sorted(committed()))
def test_schema_is_a_schema(name: str) -> None:
    schema = json.loads(committed()[name])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_editors_find_the_schema(document: Path) -> None:
    """Every document of the assistant, but an imported description, names its schema for yaml-language-server."""
    if "openapi" in document.parts:
        return
    named = MODELINE.findall(document.read_text(encoding="utf-8"))
    assert named
    assert {(document.parent / path).resolve().parent for path in named} == {SCHEMAS}
    assert all((document.parent / path).is_file() for path in named)
