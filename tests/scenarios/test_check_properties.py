"""`check` and `serve` are one loader, whatever is done to a configuration: no mutant makes the checker fail or dawdle, what it accepts
is served, what it refuses `serve` refuses with the same words, and one file's fault hides no other's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner

from gateway.cli import main
from gateway.testing.servers import Route, http_server
from tests.scenarios.mutant_runs import ANSWER, Runs, demo, language, no_names, sound

ORDINARY = {"sound": 60, "demo": 20, "language": 20}
SLOW = {"sound": 20, "demo": 6, "language": 6}
"""How often `AT_ONCE` mutants."""
AT_ONCE = 250
SEEDS = {"sound": sound, "demo": demo, "language": language}


@pytest_asyncio.fixture
async def url(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A backend that always answers. Nothing else is ever reached by name."""
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_names)
    async with http_server({"*": Route(ANSWER)}) as served:
        yield served


async def run_all(name: str, numbers: range, folder: Path, url: str) -> Runs:
    runs = Runs(SEEDS[name](), folder / "mutant", url)
    for number in numbers:
        await runs.run(number)
    return runs


@pytest.mark.parametrize("name", ["demo", "sound"])
def test_before_anything_is_changed_nothing_is_wrong(name: str, tmp_path: Path) -> None:
    assert Runs(SEEDS[name](), tmp_path / "mutant", "http://127.0.0.1:1").unchanged() == []


@pytest.mark.parametrize("name", sorted(SEEDS))
async def test_what_is_accepted_is_served_and_the_rest_refused(
    name: str, tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    runs = await run_all(name, range(ORDINARY[name]), tmp_path, url)
    assert [record.getMessage() for record in caplog.records] == []
    if name != "language":  # it holds what is not in force yet
        assert ORDINARY[name] / 12 < runs.accepted < ORDINARY[name] / 2
        assert runs.asked > runs.accepted


@pytest.mark.slow
@pytest.mark.parametrize(("name", "part"), [(name, part) for name in sorted(SEEDS) for part in range(SLOW[name])])
async def test_thousands_more(name: str, part: int, tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    first = 10_000 + part * AT_ONCE
    runs = await run_all(name, range(first, first + AT_ONCE), tmp_path, url)
    assert [record.getMessage() for record in caplog.records] == []
    print(f"{name}: {AT_ONCE} mutants, {runs.accepted} accepted, {runs.asked} requests, slowest check {runs.slowest:.2f} s")


async def test_serve_refuses_with_what_check_tells(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(sound(), tmp_path / "mutant", url)
    for name, value in runs.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GATEWAY_ENV", raising=False)
    refused = 0
    for number in range(500, 512):
        problems = await runs.run(number)
        if any(problem.severity == "error" for problem in problems):
            refused += 1
            told = [
                CliRunner().invoke(main, [verb, "-C", str(tmp_path / "mutant"), *more])
                for verb, *more in (("check",), ("serve", "--port", "0"))
            ]
            assert [result.exit_code for result in told] == [3, 3]
            assert told[0].stdout.strip() in told[1].stderr
    assert refused > 3
