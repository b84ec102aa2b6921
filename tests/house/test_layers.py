"""Imports point one way and stand at the top of their file. The layers themselves are in `pyproject.toml`."""

from __future__ import annotations

import ast

import pytest
from importlinter import configuration
from importlinter.application.use_cases import lint_imports

from tests.house.tree import ROOT, files_under, functions_in


def test_layers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    configuration.configure()  # its command would do so too, and turn every logger of the process off
    assert lint_imports(config_filename="pyproject.toml", cache_dir=None, no_logo=True), capsys.readouterr().out


def test_no_import_inside_a_function() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in files_under("gateway")
        for function in functions_in(path)
        for node in ast.walk(function.node)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []
