"""One language server for all tests of a file, and an editor that writes documents into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editor.editor import Editor
from tests.editor.language_server import running
from tests.house.tree import ROOT
from tests.npm import node, npm_package

SETTINGS = {
    "yaml": {
        "schemas": {
            "./schemas/gateway.json": "gateway.yaml",
            "./schemas/overlay.json": "gateway.*.yaml",
            "./schemas/spec.json": ["specs/**/*.yaml", "!*.test.yaml"],
            "./schemas/policy.json": "policies/**/*.yaml",
            "./schemas/test.json": "*.test.yaml",
        },
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
        "validate": True,
        "hover": True,
        "completion": True,
    }
}
"""What a person may write into the editor's settings, and no catalogue from the network."""


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """An editor whose workspace is this checkout; nothing of it needs a network."""
    program = npm_package("yaml-language-server") / "bin" / "yaml-language-server"
    with running([node(), str(program), "--stdio"], ROOT.as_uri(), SETTINGS) as server:
        yield Editor(server, Path(ROOT))
