"""How long it takes to check 500 specs, in this process and by `gateway check` from its start to its end.

The specs are those of a made-up company (see `fleet.py`). Fails where the median takes longer than the second that it may take, or
where a spec has an error.
"""

from __future__ import annotations

import gc
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fleet import Fleet, fleet
from gateway import builtins
from gateway.app import prepare
from gateway.config.load import load
from gateway.planner.collector import uncollected
from gateway.sdk import Problem

ROOT = Path(__file__).resolve().parents[1]
CHECK = "import sys; from gateway.cli import main; sys.exit(main())"
RUNS = 7
ALLOWED_SECONDS = 1.0
_EXPRESSION = re.compile(r"\$\{|^ *(?:- \{?)?(?:when|check|foreach|left|right|result|rows|\$each|\$where): *[^\s{\[]", re.MULTILINE)


def main() -> int:
    made = fleet()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made.write(folder)
        print(described(made))
        errors = [problem for problem in prepare(folder, environ={}).problems if problem.severity == "error"]
        whole = timed(lambda: prepare(folder, environ={}))
        loading = timed(lambda: load_alone(folder))
        cold = cold_seconds(folder)
    print(f"load and plan: median {milliseconds(whole)} of {RUNS} runs, best {min(whole) * 1000:.0f} ms")
    print(f"of it loading: median {milliseconds(loading)}, best {min(loading) * 1000:.0f} ms; the rest is planning, shapes included")
    print(f"`gateway check` from start to end: median {milliseconds(cold)} of {len(cold)} starts, best {min(cold) * 1000:.0f} ms")
    report(errors)
    return int(bool(errors) or statistics.median(whole) > ALLOWED_SECONDS)


def described(made: Fleet) -> str:
    """What is checked, counted."""
    lengths = [len(text.splitlines()) for text in made.specs.values()]
    expressions = sum(len(_EXPRESSION.findall(text)) for text in made.files.values())
    return (
        f"{len(lengths)} specs, {sum(lengths):,} lines (median {statistics.median(lengths):.0f}, longest {max(lengths)}), "
        f"{expressions:,} expressions"
    )


def load_alone(folder: Path) -> None:
    with uncollected():
        load(folder, env=None, environ={}, components=builtins.components())


def timed(work: Callable[[], object]) -> list[float]:
    """Seconds of each run; what earlier runs left is cleared away before each."""
    found = []
    for _ in range(RUNS):
        gc.collect()
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found


def cold_seconds(folder: Path) -> list[float]:
    """Seconds of the command as a process of its own."""
    found = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", CHECK, "-C", str(folder), "check"], cwd=ROOT, check=True, capture_output=True)
        found.append(time.perf_counter() - started)
    return found


def milliseconds(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ms"


def report(errors: list[Problem]) -> None:
    for problem in errors[:10]:
        print(f"{problem.place.file}:{problem.place.line}:{problem.place.column}: {problem.code} {problem.message}")


if __name__ == "__main__":
    raise SystemExit(main())
