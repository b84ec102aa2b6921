"""Installed size, and the time from starting `gateway serve` to its first answer.

The assistant is served as it stands, on free ports; the first answer is the first 200 for an intent that needs no backend.
Fails where the median start takes longer than the second that a start may take.
"""

from __future__ import annotations

import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASSISTANT = tuple(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])
SERVE = "import sys; from gateway.cli import main; sys.exit(main())"
QUESTION = b'{"intent": "store_hours", "input": {}}'
OVERLAY = 'server: {{port: {port}, admin: "127.0.0.1:{admin}"}}\n'
STARTS = 7
ALLOWED_SECONDS = 1.0
PATIENCE_SECONDS = 20.0
MIB = 1024 * 1024


def main() -> int:
    size, largest = installed_size()
    print(f"installed size: {size / MIB:.1f} MiB, of it " + ", ".join(f"{name} {part / MIB:.1f}" for name, part in largest))
    with tempfile.TemporaryDirectory() as folder:
        copy_assistant(Path(folder))
        times = [time_to_first_answer(Path(folder)) for _ in range(STARTS)]
    median = statistics.median(times)
    best, middle, worst = (round(seconds * 1000) for seconds in (min(times), median, max(times)))
    print(f"start to first answer: median {middle} ms, best {best}, worst {worst} ({STARTS} starts)")
    return int(median > ALLOWED_SECONDS)


def installed_size() -> tuple[int, list[tuple[str, int]]]:
    """Bytes of the gateway with every distribution of the runtime lock, and the five largest by name."""
    sizes = {name: distribution_size(name) for name in locked_names()}
    sizes["gateway"] = sum(path.stat().st_size for path in (ROOT / "gateway").rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(sizes.values()), sorted(sizes.items(), key=lambda item: -item[1])[:5]


def locked_names() -> list[str]:
    return re.findall(r"(?m)^([\w.-]+)==", (ROOT / "requirements/runtime.lock").read_text(encoding="utf-8"))


def distribution_size(name: str) -> int:
    """0 for a distribution that this platform doesn't take."""
    try:
        files = metadata.distribution(name).files or []
    except metadata.PackageNotFoundError:
        return 0
    located = (Path(str(file.locate())) for file in files if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in located if path.is_file())


def copy_assistant(folder: Path) -> None:
    for name in ASSISTANT:
        source = ROOT / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder / name)


def time_to_first_answer(folder: Path) -> float:
    port, admin = free_ports(2)
    (folder / "gateway.bench.yaml").write_text(OVERLAY.format(port=port, admin=admin), encoding="utf-8")
    started = time.perf_counter()
    with serving(folder) as process:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - started > PATIENCE_SECONDS:
                raise RuntimeError(f"no answer: {(folder / 'serve.log').read_text(encoding='utf-8')}")
            time.sleep(0.002)
        return time.perf_counter() - started


@contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "-C", str(folder), "serve", "--env", "bench"], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def answers(port: int) -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat", QUESTION, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        raise
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for held in sockets:
            held.bind(("127.0.0.1", 0))
        return [held.getsockname()[1] for held in sockets]
    finally:
        for held in sockets:
            held.close()


if __name__ == "__main__":
    raise SystemExit(main())
