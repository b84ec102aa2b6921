"""`python -m gateway.demo.backends`, as its starter sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec

COMMAND = [sys.executable, "-m", "gateway.demo.backends"]


def test_greets_answers_and_ends_with_its_input() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        greeting = msgspec.json.decode(running.stdout.readline())
        assert set(greeting) == {"environ", "folder"}
        assert Path(greeting["folder"], "billing.db").is_file()
        running.send_signal(signal.SIGINT)  # Ctrl-C is the starter's business
        out, errors = running.communicate(b"{}\n", timeout=5)
    assert [system["mode"] for system in msgspec.json.decode(out)["systems"]] == ["ok"] * 7
    assert (running.returncode, errors) == (0, b"")
    assert not os.path.exists(greeting["folder"])


def test_a_terminated_one_cleans_up() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        folder = msgspec.json.decode(running.stdout.readline())["folder"]
        running.terminate()
        _, errors = running.communicate(timeout=5)
    assert (running.returncode, errors) == (0, b"")
    assert not os.path.exists(folder)
