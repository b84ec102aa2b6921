"""The verb `demo`: how it ends where the demo can't start. The demo itself is started in tests/demo."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from gateway.app import Refused
from gateway.cli import demo
from gateway.demo.process import BackendsGone
from gateway.sdk import Place, Problem
from gateway.server.sockets import CannotListen
from tests.cli.conftest import Run, write

PROBLEM = Problem("GW401", "error", "not set", Place("gateway.yaml", 1, 1, 2))


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (BackendsGone("gone"), 5, "the demo can't start: gone\n"),
        (OSError(98, "Address already in use"), 5, "the demo can't start: [Errno 98] Address already in use\n"),
        (CannotListen("127.0.0.1:9090 is in use"), 5, "the demo can't start: 127.0.0.1:9090 is in use\n"),
        (Refused([PROBLEM]), 3, "1 error, 0 warnings\n"),
    ],
)
def test_how_it_ends(run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, told: str) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(demo, "run_demo", fail)
    result = run("demo", "-C", "anywhere")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.endswith(told)


def test_without_an_assistant(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise FileNotFoundError("no gateway.yaml in x")

    monkeypatch.setattr(demo, "assistant_folder", missing)
    assert run("demo").stderr == "the demo can't start: no gateway.yaml in x\n"


def test_options_are_passed_on(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(demo, "run_demo", lambda *given: asked.append(given[:2]))
    assert run("-C", folder, "demo", "--port", "8081").exit_code == 0
    assert run("demo", "-C", folder).exit_code == 0
    assert asked == [(folder, 8081), (folder, None)]


def test_a_broken_folder_is_refused_before_it_is_served(tmp_path: Path) -> None:
    write(tmp_path, **{"specs/bad.yaml": "intent: bad\ntimout: 1s\n"})
    with socket.socket() as listener, pytest.raises(Refused) as refused:
        demo.serve(tmp_path, listener=listener, environ={}, routes=[], ready=lambda: None)
    assert [problem.code for problem in refused.value.problems] == ["GW101"]
