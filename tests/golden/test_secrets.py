"""No secret is ever printed: a canary is looked for in all output of all verbs over the whole corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from gateway.app import prepare
from gateway.cli import main
from gateway.config.report import json_record, render_text
from gateway.config.report_github import render_github
from gateway.config.report_sarif import sarif_log
from gateway.config.veil import Veil
from gateway.planner.assembly import Assembly
from tests.golden.cases import PROBLEMS, Case, lay, read
from tests.golden.planted import BROKEN_LAYOUTS, CANARY, PREIMAGE, SOUND_LAYOUTS, planted, refused

CASES = sorted(PROBLEMS.glob("*.yaml"))
LAYOUTS = tuple(SOUND_LAYOUTS.values())
FORMS = ("text", "json", "sarif", "github")
REFUSING = "serve", "--port", "0", "--env", "no_such_environment"
"""There is no overlay for it, so that every problem is shown and no port opened."""
SOME = 60
"""Ordinarily every verb is run on every sixtieth case only."""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_ENV", raising=False)


def printed(folder: Path, environ: dict[str, str], commands: Iterable[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Everything that each command prints."""
    with monkeypatch.context() as patched:
        for name, value in environ.items():
            patched.setenv(name, value)
        for verb, *more in commands:
            result = CliRunner().invoke(main, [verb, *more, "-C", str(folder)])
            assert result.exit_code in {0, 1, 2, 3, 5}, (verb, more, result.output)
            yield result.output
            yield result.stderr


def every_verb() -> Iterator[tuple[str, ...]]:
    for verb in ("check", "audit"):
        yield from ((verb, "--format", form) for form in FORMS)
    yield REFUSING
    yield from (("list", "--format", form) for form in ("text", "json"))
    yield from (("explain", *what, "--format", form) for what in ((), ("inner",), ("planted",)) for form in ("text", "json", "mermaid"))
    yield "check", "--fix"
    yield "check", "--fix", "--format", "json"


def assert_silent(outputs: Iterable[str]) -> None:
    for output in outputs:
        assert CANARY not in output, output
        assert PREIMAGE not in output, output


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_checks_of_the_corpus(path: Path, tmp_path: Path) -> None:
    """What `gateway check` prints, in each form."""
    environ = lay(planted(read(path), LAYOUTS[CASES.index(path) % 2]), tmp_path)
    prepared = prepare(tmp_path, environ=environ)
    veil = Veil(tmp_path, prepared.hidden)
    problems = [veil.over(problem) for problem in prepared.problems]
    texts = [render_text(prepared.problems, folder=tmp_path, hidden=prepared.hidden), render_github(problems, folder=tmp_path)]
    records = [json_record(problems), sarif_log(problems, folder=tmp_path)]
    assert_silent([*texts, *(msgspec.json.encode(record).decode() for record in records)])


@pytest.mark.parametrize(
    "path",
    [path if number % SOME == 1 else pytest.param(path, marks=pytest.mark.slow) for number, path in enumerate(CASES)],
    ids=lambda path: path.stem,
)
def test_every_verb_over_the_corpus(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, layout in SOUND_LAYOUTS.items():
        environ = lay(planted(read(path), layout), tmp_path / name)
        assert_silent(printed(tmp_path / name, environ, every_verb(), monkeypatch))


@pytest.mark.parametrize("name", sorted(SOUND_LAYOUTS))
def test_what_is_accepted_tells_no_secret_either(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = lay(planted(Case(), SOUND_LAYOUTS[name]), tmp_path)
    outputs = list(printed(tmp_path, environ, every_verb(), monkeypatch))
    assert_silent(outputs)
    assert any("planted_rows.a" in output for output in outputs), "it was accepted and explained"


@pytest.mark.parametrize("name", sorted(BROKEN_LAYOUTS))
def test_secrets_beside_faults(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written as plain text, in the very line that a problem shows, or in the value that it is about."""
    environ = lay(planted(Case(), refused(name)), tmp_path)
    verbs = [*(("check", "--format", form) for form in FORMS[:3]), REFUSING]
    outputs = list(printed(tmp_path, environ, verbs, monkeypatch))
    assert "error[" in outputs[0], "it is refused"
    assert "specs/planted.yaml" in outputs[0], "for what is planted"
    assert_silent(outputs)


def test_a_fault_of_the_gateway_itself_shows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = lay(planted(Case(), SOUND_LAYOUTS["filled"]), tmp_path)

    def broken(assembly: Assembly) -> None:
        raise RuntimeError(f"{assembly!r} {vars(assembly)!r}")

    monkeypatch.setattr(Assembly, "plan", broken)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["check", "-C", str(tmp_path)])
    assert result.exit_code == 70
    assert "Assembly" in result.stderr
    assert_silent([result.output, result.stderr])


def test_schemas_and_codes_are_the_same_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = lay(planted(Case(), SOUND_LAYOUTS["plain"]), tmp_path)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert_silent(CliRunner().invoke(main, arguments).output for arguments in (["schema", "source"], ["explain", "GW402"], ["schema"]))


def test_the_canary_is_found_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        assert_silent([SOUND_LAYOUTS["plain"]])
    lay(planted(Case(), SOUND_LAYOUTS["plain"]), tmp_path)
    assert CANARY in (tmp_path / "specs/planted.yaml").read_text()
    assert CANARY in (tmp_path / "kept/kept_in_a_file").read_text()
