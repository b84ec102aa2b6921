"""A small configuration, and a way to run verbs on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main

FILES = {
    "gateway.yaml": "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\n",
    "policies/roles.yaml": "policy: roles\nroles: {anonymous: {allow: ['intent:hours', 'intent:echo', trace]}, staff: {}}\n",
    "specs/shop.yaml": """
source: stores
type: static
operations: {hours: {value: {open: "09:00", close: "18:00"}}}
---
intent: hours
summary: When the stores are open
input: {type: object, additionalProperties: false, properties: {day: {type: string, default: today}}}
steps: {hours: {call: stores.hours}}
output: {day: "${ input.day }", open: "${ steps.hours.open }"}
---
intent: echo
input: {type: object, properties: {count: {type: integer}, rows: {type: array}, text: {type: string}}}
output: ${ input }
---
intent: gw_status
access: {roles: [staff]}
output: {}
---
route: opening
match: {path: /opening}
intent: hours
""",
}

Run = Callable[..., Result]


def write(folder: Path, **more: str) -> Path:
    for name, text in {**FILES, **more}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound configuration."""
    return write(tmp_path)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """One with an error and a warning."""
    return write(tmp_path, **{"specs/bad.yaml": "intent: bad\nsoft_deadline: 1s\ntimout: 5s\noutput: {}\n"})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line as a process would; what it prints is in `stdout` and `stderr`."""
    monkeypatch.delenv("GATEWAY_ENV", raising=False)
    monkeypatch.delenv("GATEWAY_API_KEY", raising=False)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke
