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


def test_who_can_call_what(run: Run, folder: Path) -> None:
    result = run("list", "--access", "-C", folder)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "intent:echo [specs/shop.yaml:12]",
        "  anonymous  yes      allow intent:echo [policies/roles.yaml:2]",
        "intent:gw_status [specs/shop.yaml:16]",
        "  staff      yes      access.roles names it [specs/shop.yaml:17]",
        "intent:hours [specs/shop.yaml:6]",
        "  anonymous  yes      allow intent:hours [policies/roles.yaml:2]",
    ]


def test_who_can_call_what_as_data(run: Run, folder: Path) -> None:
    found = json.loads(run("list", "--access", "-C", folder, "--format", "json").stdout)
    assert found["rows"][1] == {
        "permission": "intent:gw_status",
        "place": "specs/shop.yaml:16",
        "cells": [{"role": "staff", "answer": "yes", "reasons": [
            {"text": "role staff: access.roles names it", "place": "specs/shop.yaml:17", "in_force": True},
        ]}],
    }  # fmt: skip
    assert found["schema_version"] == 1


def test_what_one_caller_can_call(run: Run, folder: Path) -> None:
    result = run("list", "--access", "-C", folder, "--as", "role=staff")
    assert [line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ")] == ["no", "yes", "no"]


def test_a_caller_without_access_is_a_usage_error(run: Run, folder: Path) -> None:
    result = run("list", "-C", folder, "--as", "role=staff")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "`--as` belongs to `--access`\n")


def test_a_rule_may_let_everybody_in(run: Run, tmp_path: Path) -> None:
    roles = "policy: roles\nroles: {anonymous: {}, staff: {}}\nrules: [{allow: ['intent:hours']}]\n"
    result = run("list", "-C", write(tmp_path, **{"policies/roles.yaml": roles}))
    assert "             for every caller\n" in result.stdout
