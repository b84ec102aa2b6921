from __future__ import annotations

import json

from gateway.builtins import BUILTINS
from tests.cli.conftest import Run


def test_as_text(run: Run) -> None:
    lines = run("plugins").stdout.splitlines()
    assert lines[0] == "source"
    assert any(line.split()[0] == "http" and "later" not in line for line in lines)
    (graphql,) = [line for line in lines if line.startswith("  graphql ")]
    assert graphql.endswith("(checked, not in force yet)")
    assert [line for line in lines if not line.startswith(" ")] == ["source", "identity", "store", "state", "stage", "interceptor"]


def test_as_data(run: Run) -> None:
    found = json.loads(run("plugins", "--format", "json").stdout)
    assert [(each["kind"], each["name"]) for each in found] == list(BUILTINS)
    assert {each["status"] for each in found} == {"ready", "planned", "protects"}
    assert all(each["summary"] and each["trust"] == "builtin" for each in found)
