"""Golden files: a broken configuration and, at its end, what `gateway check` prints of it.

A case is one file. It is laid over the sound configuration in `folder/` as `specs/case.yaml`. Lines that begin with `#: ` say more:

    #: policies/more.yaml            what follows is another file
    #: raw specs/bytes.yaml          another file in which `\\xff` is a byte, and `«text»×100` a text a hundred times
    #: env NAME=value                a variable of the environment; `GATEWAY_ENV=prod` picks an overlay, `{folder}` is the case's folder
    #: link specs/a.yaml -> b.yaml   a symbolic link
    #: gone policies/roles.yaml      a file of the sound configuration that is missing
    #: problems                      the report, each of its lines behind `# `

Every file but a raw one keeps the line numbers that it has in the case, so a place in the report is a place in the case.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec

from gateway.app import Prepared, prepare
from gateway.config.report import render_text

HERE = Path(__file__).parent
SOUND = HERE / "folder"
PROBLEMS = HERE / "problems"
FIRST_FILE = "specs/case.yaml"
REPORT = "problems"
MOST_SHOWN = 60
"""Of a report with more problems the golden file holds the first ones and how many there are."""

_MARK = re.compile(r"#: (.+)\n")
_ENV = re.compile(r"env (\w+)=(.*)")
_LINK = re.compile(r"link (\S+) -> (\S+)")
_BYTE = re.compile(rb"\\x([0-9a-f]{2})")
_TIMES = re.compile("«(.*?)»×([0-9]+)", re.DOTALL)


class Case(msgspec.Struct):
    """One golden file, read. `files` are texts and `raw` contents by name; `report` is what is expected."""

    files: dict[str, str] = {}
    raw: dict[str, bytes] = {}
    environ: dict[str, str] = {}
    links: dict[str, str] = {}
    gone: list[str] = []
    report: str = ""

    @property
    def contents(self) -> dict[str, bytes]:
        """Every file of the case, as bytes by name."""
        return {name: text.encode() for name, text in self.files.items()} | self.raw


def read(path: Path) -> Case:
    """The parts of a golden file."""
    case = Case()
    mark, lines = FIRST_FILE, list[str]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True)):
        found = _MARK.fullmatch(line)
        if found is None:
            lines.append(line)
        elif not _setting(case, found.group(1)):
            _put(case, mark, "".join(lines))
            mark = found.group(1)
            lines = [] if mark.startswith("raw ") else ["\n"] * (number + 1)
        else:
            lines.append("\n")
    _put(case, mark, "".join(lines))
    return case


def _setting(case: Case, mark: str) -> bool:
    """Whether a mark is none that begins a file; what it says is noted."""
    if found := _ENV.fullmatch(mark):
        case.environ[found[1]] = found[2]
    elif found := _LINK.fullmatch(mark):
        case.links[found[1]] = found[2]
    elif mark.startswith("gone "):
        case.gone.append(mark.removeprefix("gone "))
    else:
        return False
    return True


def _put(case: Case, mark: str, text: str) -> None:
    if mark == REPORT:
        case.report = "".join(line.removeprefix("#").removeprefix(" ") for line in text.lstrip("\n").splitlines(keepends=True))
    elif mark.startswith("raw "):
        repeated = _TIMES.sub(lambda found: found[1] * int(found[2]), text)
        case.raw[mark.removeprefix("raw ")] = _BYTE.sub(lambda found: bytes.fromhex(found[1].decode()), repeated.encode())
    elif mark != FIRST_FILE or text.strip():
        case.files[mark] = text


def lay(case: Case, folder: Path) -> dict[str, str]:
    """Writes the sound folder and over it the case to `folder`, and gives the case's environment."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    for name in case.gone:
        (folder / name).unlink()
    for name, content in case.contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, target in case.links.items():
        (folder / name).symlink_to(target)
    return {name: value.replace("{folder}", str(folder)) for name, value in case.environ.items()}


def check(case: Case, folder: Path) -> tuple[Prepared, str]:
    """Lays the case over the sound folder, written to `folder`, and checks it: what was found, and the report of it."""
    prepared = prepare(folder, environ=lay(case, folder))
    return prepared, shortened(render_text(prepared.problems, folder=folder, hidden=prepared.hidden))


def shortened(report: str) -> str:
    """A report, of a very long one the beginning."""
    blocks = report.split("\n\n")
    return report if len(blocks) <= MOST_SHOWN else "\n\n".join([*blocks[:3], f"… and {len(blocks) - 3} more\n"])


def rewrite(path: Path, report: str) -> None:
    """Puts `report` at the end of a golden file."""
    text = path.read_text(encoding="utf-8").partition(f"#: {REPORT}\n")[0]
    path.write_text(f"{text}#: {REPORT}\n" + "".join(f"# {line}".rstrip() + "\n" for line in report.splitlines()), encoding="utf-8")
