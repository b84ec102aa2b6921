from __future__ import annotations

from pathlib import Path

import pytest

from gateway import __version__
from gateway.cli import explain
from gateway.cli.main import VERBS
from tests.cli.conftest import Run


def test_help_lists_the_verbs_whole(run: Run) -> None:
    result = run("-h")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.partition("Commands:\n")[2].splitlines()] == list(VERBS)
    assert "..." not in result.stdout.partition("Commands:\n")[2]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(run: Run, verb: str) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"gateway, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["chekc"], ["check", "--formt", "json"], ["check", "--format", "xml"], ["explain", "a", "b"], ["serve", "--port", "x"]]
)
def test_what_is_not_understood_is_a_usage_error(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert (result.stdout, bool(result.stderr)) == ("", True)


def test_a_fault_of_our_own_ends_with_70(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(explain, "account", fail)
    result = run("-C", folder, "explain", "hours")
    assert result.exit_code == 70
    assert "ZeroDivisionError" in result.stderr
    assert result.stderr.endswith("this is a fault of the gateway itself\n")
