"""Golden files: a broken configuration and, at its end, what `gateway check` prints of it.

A case is one file. It is laid over the sound configuration in `folder/` as `specs/case.yaml`; a line `#: policies/more.yaml` begins
another file, and the line `#: problems` the report, each of its lines behind `# `. Every file keeps the line numbers that it has in the
case, so a place in the report is a place in the case.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

from gateway.app import Prepared, prepare
from gateway.config.report import render_text

HERE = Path(__file__).parent
SOUND = HERE / "folder"
PROBLEMS = HERE / "problems"
FIRST_FILE = "specs/case.yaml"
REPORT = "problems"

_MARK = re.compile(r"#: (\S+)\n")


class Case(NamedTuple):
    """One golden file, read. `files` are texts by name; `report` is what is expected."""

    files: dict[str, str]
    report: str


def read(path: Path) -> Case:
    """The parts of a golden file."""
    files: dict[str, str] = {}
    name, lines = FIRST_FILE, list[str]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True)):
        mark = _MARK.fullmatch(line)
        if mark:
            files[name] = "".join(lines)
            name, lines = mark.group(1), ["\n"] * (number + 1)
        else:
            lines.append(line)
    files[name] = "".join(lines)
    report = files.pop(REPORT, "").lstrip("\n")
    return Case(files, "".join(line.removeprefix("#").removeprefix(" ") for line in report.splitlines(keepends=True)))


def check(case: Case, folder: Path) -> tuple[Prepared, str]:
    """Lays the case over the sound folder, written to `folder`, and checks it: what was found, and the report of it."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    for name, text in case.files.items():
        if text.strip():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    prepared = prepare(folder, environ={})
    return prepared, render_text(prepared.problems, folder=folder, hidden=prepared.hidden)


def rewrite(path: Path, report: str) -> None:
    """Puts `report` at the end of a golden file."""
    text = path.read_text(encoding="utf-8").partition(f"#: {REPORT}\n")[0]
    path.write_text(f"{text}#: {REPORT}\n" + "".join(f"# {line}".rstrip() + "\n" for line in report.splitlines()), encoding="utf-8")
