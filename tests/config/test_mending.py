"""What is certain is mended in place; what makes anything worse is not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from gateway.app import prepare
from gateway.config.mending import MOST_CHECKS, Mended, mend
from gateway.sdk.problem import Place, Problem
from tests.cli.conftest import write
from tests.golden.cases import PROBLEMS, lay, read

CASES = sorted(PROBLEMS.glob("*.yaml"))
INTENT = "intent: opening\naccess: {roles: [staff]}\n"


NO_VARIABLES: Mapping[str, str] = {}


def mended(folder: Path, environ: Mapping[str, str] = NO_VARIABLES) -> Mended:
    return mend(folder, lambda contents: prepare(folder, environ=environ, contents=contents).problems)


def codes(folder: Path) -> list[str]:
    return [problem.code for problem in prepare(folder, environ={}).problems if problem.severity == "error"]


def changes(done: Mended) -> list[tuple[str, int, int, str, str]]:
    return [(each.place.file, each.place.line, each.place.column, each.old, each.new) for each in done.replacements]


def test_everything_else_stays_byte_for_byte(tmp_path: Path) -> None:
    file = write(tmp_path) / "specs/bad.yaml"
    text = (
        "\ufeff# Öffnungszeiten\r\nintent: opening\r\naccess: {roles: [staff]}\r\n"
        "'sumary': \"5s\"   # keep\r\nsteps: {hours: {call: stores.hous, requried: true}}\r\noutput: '${ steps.hurs.open }'\r\n"
    )
    file.write_bytes(text.encode())
    file.chmod(0o600)
    done = mended(tmp_path)
    assert codes(tmp_path) == []
    assert (
        file.read_bytes()
        == (
            "\ufeff# Öffnungszeiten\r\nintent: opening\r\naccess: {roles: [staff]}\r\n"
            "'summary': \"5s\"   # keep\r\nsteps: {hours: {call: stores.hours, required: true}}\r\noutput: '${ steps.hours.open }'\r\n"
        ).encode()
    )
    assert file.stat().st_mode & 0o777 == 0o600
    assert done.refused is None
    assert changes(done) == [
        ("specs/bad.yaml", 4, 1, "'sumary'", "'summary'"),
        ("specs/bad.yaml", 5, 30, "hous", "hours"),
        ("specs/bad.yaml", 5, 36, "requried", "required"),
        ("specs/bad.yaml", 6, 19, "hurs", "hours"),
    ]


def test_what_planning_finds_only_afterwards_hinders_nothing(tmp_path: Path) -> None:
    write(tmp_path, **{"specs/bad.yaml": INTENT + "sumary: x\nsteps: {a: {call: nowhere.at_all}}\noutput: ${ steps.a }\n"})
    assert codes(tmp_path) == ["GW101"]
    assert changes(mended(tmp_path)) == [("specs/bad.yaml", 3, 1, "sumary", "summary")]
    assert codes(tmp_path) == ["GW222"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (INTENT + "dedline: 800\noutput: {}\n", "the value doesn't fit the key"),
        (INTENT + "ouput: {}\n", "`input` is near too"),
        ("intent: opening\nacess: {roles: [staff]}\noutput: {}\n", "it decides who may call"),
        ("intent: opening\naccess: {role: [staff]}\noutput: {}\n", "it decides who may call"),
        ("intent: opening\naccess: {roles: [stff]}\noutput: {}\n", "it decides who may call"),
        (INTENT + "steps: {a: {call: stores.hours, ensure: [{chek: result.open}]}}\noutput: ${ steps.a }\n", "it decides what may be seen"),
        (INTENT + "steps: {a: {call: stores.hours, needs: [b]}}\noutput: ${ steps.a }\n", "another tool's word is no spelling"),
        (INTENT + "x: &k timout\noutput: {}\n", "nothing is near"),
    ],
)
def test_what_is_not_certain_stays(text: str, why: str, tmp_path: Path) -> None:
    file = write(tmp_path, **{"specs/bad.yaml": text}) / "specs/bad.yaml"
    before = codes(tmp_path)
    assert before
    assert mended(tmp_path) == Mended(())
    assert file.read_text() == text
    assert codes(tmp_path) == before


def test_a_policy_is_never_mended(tmp_path: Path) -> None:
    text = "policy: rate_limits\nrate_limits: {slow: {requests_per_minte: 5}}\n"
    write(tmp_path, **{"policies/limits.yaml": text})
    assert "GW101" in codes(tmp_path)
    assert mended(tmp_path) == Mended(())


def test_one_fix_that_makes_it_worse_keeps_no_other_back(tmp_path: Path) -> None:
    text = INTENT + "dedline: 800\nsumary: x\ndescripton: y\noutput: {}\n"
    file = write(tmp_path, **{"specs/bad.yaml": text}) / "specs/bad.yaml"
    assert [change[3] for change in changes(mended(tmp_path))] == ["sumary", "descripton"]
    assert file.read_text() == text.replace("sumary", "summary").replace("descripton", "description")


def test_several_on_one_line_are_told_where_they_were(tmp_path: Path) -> None:
    text = INTENT + "steps: {a: {call: stores.hous, timout: 1s, requried: true}}\noutput: '${ steps.a }'\n"
    write(tmp_path, **{"specs/bad.yaml": text})
    line = text.splitlines()[2]
    for file, number, column, old, _ in changes(mended(tmp_path)):
        assert (file, number, line[column - 1 : column - 1 + len(old)]) == ("specs/bad.yaml", 3, old)
    assert (tmp_path / "specs/bad.yaml").read_text().splitlines()[2] == "steps: {a: {call: stores.hours, timeout: 1s, required: true}}"


def test_a_file_that_comes_into_play_late_is_mended_too(tmp_path: Path) -> None:
    """Unless its source can be loaded, nobody knows what an intent misspells."""
    source = "source: late\ntype: static\nsumary: x\noperations: {times: {value: 1}}\n"
    write(tmp_path, **{"specs/b.yaml": source, "specs/a.yaml": INTENT + "steps: {s: {call: late.tmes}}\noutput: '${ steps.s }'\n"})
    assert codes(tmp_path) == ["GW101"]
    assert [change[3:] for change in changes(mended(tmp_path))] == [("tmes", "times"), ("sumary", "summary")]
    assert codes(tmp_path) == []


def test_a_file_behind_a_link_is_left_alone(tmp_path: Path) -> None:
    folder = write(tmp_path / "folder")
    (folder / "kept").mkdir()
    (folder / "kept/bad.yaml").write_text(INTENT + "sumary: x\noutput: {}\n")
    (folder / "specs/link.yaml").symlink_to(folder / "kept/bad.yaml")
    assert codes(folder) == ["GW101"]
    assert mended(folder) == Mended(())
    assert "sumary" in (folder / "kept/bad.yaml").read_text()


def test_a_file_that_changes_meanwhile_is_not_written(tmp_path: Path) -> None:
    file = write(tmp_path, **{"specs/bad.yaml": INTENT + "sumary: x\noutput: {}\n"}) / "specs/bad.yaml"

    def check(contents: Mapping[str, bytes]) -> Sequence[Problem]:
        if contents:
            file.write_text("# by another hand\n")
        return prepare(tmp_path, environ={}, contents=contents).problems

    done = mend(tmp_path, check)
    assert done == Mended((), "nothing was written: `specs/bad.yaml` has changed since it was checked")
    assert file.read_text() == "# by another hand\n"


def test_what_can_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    write(tmp_path, **{"specs/bad.yaml": INTENT + "sumary: x\noutput: {}\n"})
    monkeypatch.setattr("gateway.config.atomic_files.tempfile.mkstemp", full)
    assert mended(tmp_path) == Mended((), "nothing was written: [Errno 13] Permission denied")


def test_nothing_to_mend_is_checked_once(tmp_path: Path) -> None:
    asked: list[Mapping[str, bytes]] = []

    def check(contents: Mapping[str, bytes]) -> Sequence[Problem]:
        asked.append(contents)
        return [Problem("GW101", "error", "m", Place("gateway.yaml", 1, 1, 8))]

    assert mend(write(tmp_path), check) == Mended(())
    assert asked == [{}]


def test_looking_for_fixes_that_prove_right_ends(tmp_path: Path) -> None:
    """A check that no fix satisfies."""
    count = 400
    write(tmp_path, **{"specs/many.yaml": "timout: 1\n" * count})
    problems = [Problem("GW101", "error", f"m{line}", Place("specs/many.yaml", line, 1, 7), fix="timeout") for line in range(1, count)]
    asked: list[int] = []

    def check(contents: Mapping[str, bytes]) -> Sequence[Problem]:
        asked.append(len(contents))
        return problems

    assert mend(tmp_path, check) == Mended(())
    assert len(asked) <= MOST_CHECKS + 2


@pytest.mark.parametrize(
    "path",
    [path if number % 9 == 0 else pytest.param(path, marks=pytest.mark.slow) for number, path in enumerate(CASES)],
    ids=lambda path: path.stem,
)
def test_mending_never_makes_anything_worse_and_is_done_at_once(path: Path, tmp_path: Path) -> None:
    environ = lay(read(path), tmp_path)
    before = prepare(tmp_path, environ=environ).problems
    mended(tmp_path, environ)
    after = prepare(tmp_path, environ=environ).problems
    loading = [[problem.message for problem in problems if problem.code < "GW2"] for problems in (before, after)]
    assert not set(loading[1]) - set(loading[0])
    assert mended(tmp_path, environ) == Mended(())
