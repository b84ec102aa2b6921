"""What the gateway loads, an editor has nothing to say about; and one surplus key anywhere is told there and nowhere else."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gateway import builtins
from gateway.config.key_examples import EXAMPLES, example_documents
from gateway.config.nodes import plain
from gateway.config.strict_yaml import read_yaml
from tests.config.test_walk import paths_in
from tests.editor.editor import Editor
from tests.house.tree import ROOT

pytestmark = pytest.mark.service

DEMO = [ROOT / "gateway.yaml", *sorted((ROOT / "specs").rglob("*.yaml")), *sorted((ROOT / "policies").rglob("*.yaml"))]
FOLDERS = [ROOT / "tests/golden/language", ROOT / "tests/golden/folder"]
SURPLUS = "surplus_key"
MOST_PLACES = 25
OPEN = {"input", "params", "output_schema", "schema", "with", "output", "config", "given", "arguments", "examples", "value", "metadata"}
"""Keys whose content is the writer's own."""


def written_in(folder: Path) -> dict[str, str]:
    """The files of a folder, as if it were called `sample`, by their path."""
    files = [file for file in sorted(folder.rglob("*.yaml")) if "openapi" not in file.parts]
    return {f"sample/{folder.name}/{file.relative_to(folder)}": file.read_text(encoding="utf-8") for file in files}


def documents(text: str) -> Iterator[Any]:
    for document in read_yaml("sample.yaml", text.encode()).documents:
        if document.root is not None:
            yield plain(document.root)


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8")))


def test_the_demo_has_no_remarks(editor: Editor) -> None:
    """Each file names its schema itself."""
    found = editor.remarks({str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in DEMO})
    assert len(found) > 15
    assert {path: remarks for path, remarks in found.items() if remarks} == {}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_folders_of_many_documents_have_no_remarks(editor: Editor, folder: Path) -> None:
    """The editor's settings name the schema of each folder."""
    found = editor.remarks(written_in(folder))
    assert len(found) > 2
    assert {path: remarks for path, remarks in found.items() if remarks} == {}


def test_settings_find_the_schema(editor: Editor) -> None:
    """So that no remarks means something."""
    files = {
        "sample/a/gateway.yaml": "gateway: a\nsurplus_key: 1\n",
        "sample/a/gateway.prod.yaml": "server: {port: 80}\nsurplus_key: 1\n",
        "sample/a/specs/deep/b.yaml": "intent: a\n---\nsource: b\ntype: static\noperations: {a: {value: 1}}\nsurplus_key: 1\n",
        "sample/a/specs/b.test.yaml": "test: a\ncases: [{name: x, expect: {status: complete}}]\nsurplus_key: 1\n",
        "sample/a/policies/b.yaml": "policy: roles\nroles: {}\nsurplus_key: 1\n",
    }
    for path, remarks in editor.remarks(files).items():
        assert [remark.text for remark in remarks] == [SURPLUS], path
        assert files[path].splitlines()[remarks[0].line - 1].startswith(SURPLUS)


@pytest.mark.parametrize("kind", ["gateway", "source", "intent", "route", "transform", "policy", "test"])
def test_examples_have_no_remarks(editor: Editor, kind: str) -> None:
    every = [data for of, data in example_documents(builtins.components()) if of == kind]
    published = validator(f"{kind}.json")
    assert [list(published.iter_errors(data)) for data in every if not published.is_valid(data)] == []
    remarks = editor.diagnostics([(f"{kind}.json", yaml.safe_dump(data, sort_keys=False)) for data in every])
    assert remarks == [[]] * len(every)


@pytest.mark.parametrize("folder", [*FOLDERS, ROOT], ids=lambda folder: folder.name)
def test_specs_and_policies_are_valid_for_any_validator(folder: Path) -> None:
    for place, schema in (("specs", "spec.json"), ("policies", "policy.json")):
        published = validator(schema)
        for file in sorted((folder / place).rglob("*.yaml")):
            if not file.name.endswith(".test.yaml"):
                assert [data for data in documents(file.read_text(encoding="utf-8")) if not published.is_valid(data)] == [], file


def owned(path: tuple[Any, ...], data: Any) -> bool:
    """Whether there is a mapping at `path` whose keys are the language's. (Of an identity's one key a second is told twice.)"""
    if set(path) & OPEN or (len(path) == 2 and path[0] == "identity"):
        return False
    for step in path:
        data = data[step]
    return isinstance(data, dict)


def with_surplus(data: Any, path: tuple[Any, ...]) -> str:
    """The document as text, with one key too many in the mapping at `path`."""
    data = json.loads(json.dumps(data))
    at = data
    for step in path:
        at = at[step]
    at[SURPLUS] = [1]
    return yaml.safe_dump(data, sort_keys=False, width=1000)


@pytest.mark.parametrize("kind", ["source", "intent", "route", "policy", "gateway"])
def test_a_surplus_key_is_told_where_it_stands(editor: Editor, kind: str) -> None:
    """In whatever form of a document: nothing is said about the other forms."""
    draw = random.Random(kind)
    published = validator(f"{kind}.json")
    every = [data for data in documents((EXAMPLES / f"{kind}.yaml").read_text(encoding="utf-8")) if "extends" not in data]
    places = [(data, path) for data in every for path in paths_in(data) if owned(path, data)]
    texts = [with_surplus(data, path) for data, path in draw.sample(places, min(len(places), MOST_PLACES))]
    told = 0
    for text, remarks in zip(texts, editor.diagnostics([(f"{kind}.json", text) for text in texts]), strict=True):
        if published.is_valid(next(documents(text))):
            assert remarks == [], text  # a map of named things took it as a name
        else:
            line = next(number for number, line in enumerate(text.splitlines(), 1) if f"{SURPLUS}:" in line)
            assert {remark.line for remark in remarks} <= {line, line + 1}, (text, remarks)
            assert remarks
            told += 1
    assert told > 3
