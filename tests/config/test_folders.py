"""Which files are read, and that none lies outside of the folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gateway.config.draft import Draft
from gateway.config.folders import Folders, read_file
from gateway.sdk.problem import Problem
from tests.config.yaml_texts import document


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("source: x\n")


def names(folder: Path, text: str = "gateway: x\nspecs: [specs]\n") -> tuple[list[str], list[str]]:
    folders = Folders(folder)
    folders.add_named(Draft("gateway", document(text)), "specs")
    return [file.name for file in folders.files()], [problem.message for problem in folders.problems]


def test_yaml_files_at_any_depth_in_order(tmp_path: Path) -> None:
    write(tmp_path, "specs/b.yaml", "specs/a/c.yaml", "specs/a.yaml", "specs/notes.txt", "specs/.hidden.yaml", "specs/.git/x.yaml")
    assert names(tmp_path) == (["specs/a.yaml", "specs/a/c.yaml", "specs/b.yaml"], [])


def test_tests_are_another_family(tmp_path: Path) -> None:
    write(tmp_path, "specs/a.yaml", "specs/a.test.yaml")
    folders = Folders(tmp_path)
    folders.add_usual("specs")
    assert {file.name: file.families for file in folders.files()} == {"specs/a.yaml": {"specs"}, "specs/a.test.yaml": {"tests"}}


def test_a_folder_named_twice_is_read_once_for_both(tmp_path: Path) -> None:
    write(tmp_path, "all/a.yaml", "gateway.yaml", "gateway.prod.yaml")
    folders = Folders(tmp_path)
    root = Draft("gateway", document("gateway: x\nspecs: [all, .]\npolicies: [all]\n"))
    folders.add_named(root, "specs")
    folders.add_named(root, "policies")
    assert [(file.name, file.families) for file in folders.files()] == [("all/a.yaml", {"specs", "policies"})]


def test_the_usual_folder_need_not_exist(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.add_usual("specs")
    assert (folders.files(), folders.problems) == ([], [])


@pytest.mark.parametrize("name", ["..", "../other", "/etc", "specs/../..", "link_out", "link_out/below"])
def test_folders_outside_are_refused(tmp_path: Path, name: str) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "other"
    write(inside, "specs/a.yaml")
    write(outside, "x.yaml", "below/x.yaml")
    (inside / "link_out").symlink_to(outside)
    found, problems = names(inside, f"gateway: x\nspecs: ['{name}']\n")
    assert (found, problems) == ([], ["this folder lies outside of the configuration's folder"])


def test_links_that_lead_out_are_refused_and_those_inside_are_not(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "other"
    write(inside, "specs/a.yaml", "shared/b.yaml")
    write(outside, "x.yaml")
    (inside / "specs" / "out.yaml").symlink_to(outside / "x.yaml")
    (inside / "specs" / "in.yaml").symlink_to(inside / "shared" / "b.yaml")
    (inside / "specs" / "loop.yaml").symlink_to(inside / "specs" / "loop.yaml")
    (inside / "specs" / "folder").symlink_to(outside)
    found, problems = names(inside)
    assert found[:2] == ["specs/a.yaml", "specs/in.yaml"]
    assert "this link leads out of the configuration's folder" in problems
    assert "a link to a folder is not followed" in problems
    assert "this link leads nowhere" in problems


def test_a_missing_folder_is_told_with_what_was_meant(tmp_path: Path) -> None:
    write(tmp_path, "specs/a.yaml")
    folders = Folders(tmp_path)
    folders.add_named(Draft("gateway", document("gateway: x\nspecs: [spec]\n")), "specs")
    (problem,) = folders.problems
    assert (problem.code, problem.place.line, problem.place.column, problem.hint) == ("GW022", 2, 9, "did you mean `specs`?")


@pytest.mark.parametrize("name", ["gateway.yaml", '"a\\0b"', "'" + "x" * 5000 + "'"])
def test_what_is_no_folder_is_told(tmp_path: Path, name: str) -> None:
    write(tmp_path, "gateway.yaml")
    found, problems = names(tmp_path, f"gateway: x\nspecs: [{name}]\n")
    assert found == []
    assert len(problems) == 1


def test_entries_that_are_no_text_or_broken_are_left_to_others(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.add_named(Draft("gateway", document("gateway: x\nspecs: [1, {a: b}, missing]\n"), (("specs", 2),)), "specs")
    assert folders.problems == []


def test_yml_is_told_not_silently_left_out(tmp_path: Path) -> None:
    write(tmp_path, "specs/a.yml")
    folders = Folders(tmp_path)
    folders.add_usual("specs")
    assert folders.files() == []
    assert [(problem.code, problem.severity, problem.place.file) for problem in folders.problems] == [("GW023", "warning", "specs/a.yml")]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    write(tmp_path, "specs/b.yaml")
    os.rename(tmp_path / "specs/b.yaml", os.fsencode(tmp_path) + b"/specs/\xff.yaml")
    assert names(tmp_path) == ([], ["this file's name is not UTF-8"])


def test_reading_what_is_no_file_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "a.yaml").write_bytes(b"a: 1")
    found = [read_file(tmp_path, name) for name in ("pipe.yaml", "folder.yaml", "missing.yaml", "x" * 5000)]
    assert all(isinstance(problem, Problem) and problem.code == "GW001" for problem in found)
    assert read_file(tmp_path, "a.yaml") == b"a: 1"


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.yaml")

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    problem = read_file(tmp_path, "a.yaml")
    assert isinstance(problem, Problem)
    assert problem.message == "this file can't be read: permission denied"


def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "specs/a.yaml", "specs/closed/b.yaml")
    scan = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(tmp_path) == (["specs/a.yaml"], ["this folder can't be read: permission denied"])
