"""The launcher: a port, the backends, the gateway in between, and nothing left."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from starlette.routing import Route

from gateway.demo import launch
from gateway.demo.launch import banner, listen, run

ROOT = Path(__file__).parents[2]


class Stopped(Exception):
    """Stands for whatever ends a server."""


def test_serves_between_start_and_stop_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_URL", "http://not.this.example")
    said: list[str] = []
    seen: dict[str, object] = {}

    def serve(
        folder: Path,
        *,
        listener: socket.socket,
        environ: Mapping[str, str],
        routes: Sequence[Route],
        ready: Callable[[], None],
    ) -> None:
        with urllib.request.urlopen(f"{environ['ERP_URL']}/health") as answer:
            assert answer.read() == b"ok"
        assert environ["PATH"] == os.environ["PATH"]
        seen.update(folder=folder, database=environ["BILLING_DATABASE_URL"], listener=listener, paths=[route.path for route in routes])
        ready()
        raise Stopped

    with pytest.raises(Stopped):
        run(tmp_path, 0, serve, said.append)
    assert seen["folder"] == tmp_path
    assert seen["paths"] == ["/", "/demo/backends", "/demo/backends"]
    assert not Path(str(seen["database"]).removeprefix("sqlite:///")).exists()
    assert seen["listener"].fileno() == -1  # type: ignore[attr-defined]
    assert len(said) == 1


def test_takes_a_free_port_where_the_usual_one_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen(0) as other:
        busy = other.getsockname()[1]
        monkeypatch.setattr(launch, "USUAL_PORT", busy)
        with listen(None) as listener:
            assert listener.getsockname()[1] not in {busy, 0}
            assert listener.proto == socket.IPPROTO_TCP


def test_takes_the_usual_port_where_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen(0) as other:
        free = other.getsockname()[1]
    monkeypatch.setattr(launch, "USUAL_PORT", free)
    with listen(None) as listener:
        assert listener.getsockname() == ("127.0.0.1", free)


def test_a_port_that_was_asked_for_and_is_busy_is_refused() -> None:
    with listen(0) as other, pytest.raises(OSError, match=r"[Aa]ddress already in use"):
        listen(other.getsockname()[1])


def test_the_banner_ends_with_three_lines_to_paste(tmp_path: Path) -> None:
    curl, call, explain = (shlex.split(line) for line in banner(8123, tmp_path).splitlines()[-3:])
    assert curl[0] == "curl"
    assert "http://127.0.0.1:8123/v1/chat" in curl
    assert call[:4] == ["gateway", "call", "track_order", "order_id=1007"]
    assert explain == ["gateway", "-C", str(tmp_path), "explain", "billing_overview"]


def test_the_banner_names_no_folder_in_the_folder_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert banner(8080, tmp_path).endswith("\ngateway explain billing_overview\n")


def test_the_real_thing_answers_soon_and_leaves_nothing(tmp_path: Path) -> None:
    began = time.monotonic()
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "demo", "--port", "0"]
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        lines = [demo.stdout.readline() for _ in range(7)]
        request = urllib.request.Request(*request_of(lines[4]))
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.load(answer)["status"] == "complete"
        assert time.monotonic() - began < 10  # about one on a machine with nothing else to do
        assert len(list(tmp_path.glob("gateway-demo-*/billing.db"))) == 1
        demo.send_signal(signal.SIGINT)
        log = demo.stderr.read()  # ends when the last process that writes to it has ended, the backends' too
    assert demo.returncode == 0
    assert "Traceback" not in log
    assert list(tmp_path.iterdir()) == []


def request_of(curl: str) -> tuple[str, bytes, dict[str, str]]:
    """URL, body and headers of the banner's first line."""
    _, _, url, *options = shlex.split(curl)
    headers = dict(value.split(": ", 1) for flag, value in itertools.pairwise(options) if flag == "-H")
    return url, options[-1].encode(), headers
