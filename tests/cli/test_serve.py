"""The verb `serve`: once as a process of its own, else as far as it gets before it listens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gateway.app import prepare
from gateway.cli.serve import tell_of_workers
from tests.cli.conftest import FILES, Run, write

ROOT = Path(__file__).parents[2]


def until_told(process: subprocess.Popen[str], word: str) -> dict[str, Any]:
    """The first log record with `word`."""
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            found: dict[str, Any] = json.loads(line)
            return found
    raise AssertionError("it ended without a word")


def test_it_serves_until_sigterm_and_leaves_nothing(run: Run, folder: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", "from gateway.cli import main; main()", "serve", "-C", str(folder), "--port", "0"]
    write(folder, **{"gateway.yaml": FILES["gateway.yaml"] + "server: {drain: 1s}\n"})
    (folder / "specs/late.yaml").write_text("intent: late\nsoft_deadline: 1s\noutput: {}\n")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert "GW110 specs/late.yaml:2:1" in json.dumps(until_told(process, "GW110"))
            told = json.dumps(until_told(process, "serving"))
            address = told.partition("http://")[2].partition(",")[0]
            answer = ask(f"http://{address}/v1/chat", {"intent": "hours", "input": {"day": "monday"}})
            assert answer["data"] == {"day": "monday", "open": "09:00"}
            called = run("call", "hours", "day=sunday", "--url", f"http://{address}")
            assert (called.exit_code, json.loads(called.stdout)["data"]["day"]) == (0, "sunday")
            process.send_signal(signal.SIGTERM)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, stdout) == (0, "")
    assert "Traceback" not in stderr
    assert "Warning" not in stderr
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=1).close()


def ask(url: str, body: dict[str, Any]) -> Any:
    """Asks as soon as somebody listens."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    give_up = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return json.load(response)
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def test_a_busy_port_is_told(run: Run, folder: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        result = run("serve", "-C", folder, "--port", port)
    assert (result.exit_code, result.stdout) == (5, "")
    assert f"127.0.0.1:{port} is in use by another program; set `server.port` to a free port." in result.stderr


def test_a_busy_port_of_the_operators_is_told_where_it_was_asked_for(run: Run, tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        written = f'gateway: shop\nserver: {{admin: "127.0.0.1:{port}"}}\nidentity: [{{anonymous: {{}}}}]\n'
        result = run("serve", "-C", write(tmp_path, **{"gateway.yaml": written}), "--port", "0")
    assert result.exit_code == 5
    assert "set `server.admin`" in result.stderr


@pytest.mark.parametrize(("state", "warned"), [("memory://", True), ("redis://127.0.0.1:1", False)])
def test_what_workers_do_not_share_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture, state: str, warned: bool) -> None:
    plan = prepare(write(tmp_path, **{"gateway.yaml": FILES["gateway.yaml"] + f"stores: {{state: '{state}'}}\n"}), environ={}).plan
    assert plan is not None
    tell_of_workers(plan, 4)
    assert [record.getMessage().startswith("4 workers share nothing") for record in caplog.records] == [True] * warned


@pytest.mark.parametrize("workers", ["0", "257", "many"])
def test_a_number_of_workers_that_is_none(run: Run, folder: Path, workers: str) -> None:
    assert run("serve", "-C", folder, "--workers", workers).exit_code == 2
