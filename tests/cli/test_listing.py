from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run, write


def test_as_text(run: Run, folder: Path) -> None:
    result = run("list", "-C", folder)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "intents",
        "  echo",
        "             for anonymous",
        "  gw_status",
        "             for staff",
        "  hours      When the stores are open",
        "             for anonymous",
        "routes",
        "  GET /opening -> hours",
        "sources",
        "  stores: hours",
    ]


def test_as_data(run: Run, folder: Path) -> None:
    found = json.loads(run("list", "-C", folder, "--format", "json").stdout)
    assert [intent["name"] for intent in found["intents"]] == ["echo", "gw_status", "hours"]
    assert found["routes"] == [{"name": "opening", "methods": ["GET"], "path": "/opening", "intent": "hours"}]
    assert found["sources"] == {"stores": ["hours"]}


def test_many_operations_are_counted(run: Run, tmp_path: Path) -> None:
    operations = ", ".join(f"o{number:02}: {{value: 1}}" for number in range(11))
    made = write(tmp_path, **{"specs/many.yaml": f"source: many\ntype: static\noperations: {{{operations}}}\n"})
    assert "  many: o00, o01, o02, o03, o04, o05, o06, o07, … 3 more\n" in run("list", "-C", made).stdout
