from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.options import Common
from tests.cli.conftest import Run


@pytest.mark.parametrize("verb", [["check"], ["list"], ["explain", "hours"], ["call", "hours"]])
def test_the_folder_may_stand_before_or_after_the_verb(run: Run, folder: Path, verb: list[str]) -> None:
    assert run("-C", folder, *verb).exit_code == 0
    assert run(*verb, "-C", folder).exit_code == 0
    assert run(*verb, "-C", folder / "nowhere").exit_code == 3
    assert run("-C", folder / "nowhere", *verb, "-C", folder).exit_code == 0  # the nearer wins


def test_the_folder_is_the_current_one_without(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert run("check").exit_code == 0


def test_a_file_is_no_folder(run: Run, folder: Path) -> None:
    assert run("check", "-C", folder / "gateway.yaml").exit_code == 2


@pytest.mark.parametrize("environ", [{"GATEWAY_ENV": "prod"}, {}])
def test_an_environment_is_laid_over(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    (folder / "gateway.prod.yaml").write_text("identity: null\n")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    result = run("check", "-C", folder, *([] if environ else ["--env", "prod"]))
    assert "GW506" in result.stdout


def test_colour_only_where_asked_off_a_terminal(run: Run, broken: Path) -> None:
    assert "\x1b" not in run("check", "-C", broken).output
    assert "\x1b" not in run("check", "-C", broken, "--color", "never").output
    assert "\x1b[1;31merror[GW101]" in run("check", "-C", broken, "--color", "always").stdout
    assert "\x1b[1;31merror[GW101]" in run("--color", "always", "list", "-C", broken).stderr
    assert "\x1b" not in run("--color", "always", "check", "-C", broken, "--format", "json").stdout


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("before", "after", "environ", "colored"),
    [
        (None, None, {}, True),
        (None, "never", {}, False),
        ("never", None, {}, False),
        ("never", "always", {}, True),
        (None, None, {"NO_COLOR": "1"}, False),
        (None, None, {"NO_COLOR": ""}, True),
        ("always", None, {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str | None, environ: dict[str, str], colored: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr", Terminal())
    assert Common(None, before).colored(after) is colored
