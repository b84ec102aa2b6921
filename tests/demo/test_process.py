"""The backends' process: it starts, obeys, and ends with its starter, whatever ends the starter."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from gateway.demo.process import Backends, BackendsGone

STARTER = """
import sys, time
from gateway.demo.process import Backends
with Backends.start() as backends:
    print(backends.pid, backends.folder, flush=True)
    time.sleep(60)
"""


def test_says_where_everything_is(backends: Backends) -> None:
    assert set(backends.environ) == {
        "ERP_URL", "DELIVERY_URL", "CARRIER_HUB_URL", "INVENTORY_URL", "CRM_URL", "TICKETS_URL", "HR_URL", "BILLING_DATABASE_URL",
        "RECORDS_URL",
    }  # fmt: skip
    assert Path(backends.environ["BILLING_DATABASE_URL"].removeprefix("sqlite:///")).is_file()
    assert backends.folder is not None
    assert backends.environ["RECORDS_URL"] == f"sqlite:///{backends.folder}/records.db"


async def test_switches_reach_the_systems(backends: Backends) -> None:
    url = f"{backends.environ['CRM_URL']}/health"
    async with httpx2.AsyncClient() as client:
        assert (await client.get(url)).text == "ok"
        states = await backends.turn({"name": "crm", "mode": "down"})
        assert {state["name"]: state["mode"] for state in states}["crm"] == "down"
        with pytest.raises(httpx2.TransportError):
            await client.get(url)
        assert await backends.turn({"name": "crm", "mode": "ok"}) == await backends.states()
        assert (await client.get(url)).text == "ok"


@pytest.mark.parametrize("change", [{"name": "nobody", "mode": "ok"}, {"name": "crm", "mode": "odd"}, {"a": "line\nbreak"}])
async def test_senseless_changes_are_refused_and_do_no_harm(backends: Backends, change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"no such system|Invalid|unknown field"):
        await backends.turn(change)
    assert all(state["mode"] == "ok" for state in await backends.states())


async def test_stop_leaves_nothing_and_is_final() -> None:
    with Backends.start() as running:
        folder, pid = running.folder, running.pid
        assert folder is not None
        assert folder.is_dir()
    assert not folder.exists()
    assert not alive(pid)
    running.stop()
    with pytest.raises(BackendsGone):
        await running.states()


async def test_a_process_that_was_killed_is_noticed_and_cleared_away() -> None:
    with Backends.start() as running:
        folder = running.folder
        os.kill(running.pid, signal.SIGKILL)
        with pytest.raises(BackendsGone):
            await running.states()
    assert folder is not None
    assert not folder.exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_starter(sent: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as starter:
        assert starter.stdout is not None
        pid, folder = starter.stdout.readline().decode().split()
        assert alive(int(pid))
        starter.send_signal(sent)
        starter.wait(5)
    assert gone(int(pid), Path(folder))


def test_a_failed_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false") or pytest.skip("needs the program false"))
    with pytest.raises(BackendsGone):
        Backends.start()


def test_a_greeting_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho hello\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(BackendsGone):
        Backends.start()


def gone(pid: int, folder: Path) -> bool:
    """Within a moment: the backends notice the end of their input."""
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up:
        if not alive(pid) and not folder.exists():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"  # an orphan may wait for its reaper
