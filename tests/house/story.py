"""Runs the blocks of one page in order, in a copy of the assistant, against a served demo. The scheme is told in `test_docs.py`."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.house.blocks import Block, Command, commands_of, contains_lines, matches_json, matches_text
from tests.house.tree import ASSISTANT, ROOT

PRINTED_ADDRESS = "127.0.0.1:8080"
NOT_RUN = ("cd ", "git clone ")
SECONDS = 30.0
GATEWAY = "#!/bin/sh\nexec {python} -c 'import sys; from gateway.cli import main; sys.exit(main())' \"$@\"\n"


class Story:
    """One page's run: its folder, the demo's address and what the last command or request answered."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.answer = ""
        self.status = 0
        self.environment = environment_with_gateway(folder.parent)
        for name in ASSISTANT:
            copy(ROOT / name, folder / name)

    def tell(self, block: Block) -> None:
        """Raises AssertionError where a block is not true."""
        if "from" in block.marks:
            self.find(block)
        elif "file" in block.marks:
            self.write(block)
        else:
            step = STEPS.get(block.language)
            assert step is not None, f"nothing tells how to check a {block.language!r} block without a mark"
            step(self, block)

    def find(self, block: Block) -> None:
        name = block.marks["from"]
        file = next((path for path in (self.folder / name, ROOT / name) if path.is_file()), None)
        assert file is not None, f"there is no {name}"
        assert contains_lines(block.text, file.read_text(encoding="utf-8")), f"these lines are not in {name}"

    def write(self, block: Block) -> None:
        target = self.folder / block.marks["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")
        self.run(Command("gateway check", None), expected=wanted_exit(block))

    def run_commands(self, block: Block) -> None:
        commands = commands_of(block.text)
        assert commands, "no line starts with `$ `, so there is nothing to run"
        for command in commands[:-1]:
            self.run(command, expected=0)
        self.run(commands[-1], expected=wanted_exit(block))

    def run(self, command: Command, *, expected: int) -> None:
        if command.text.startswith(NOT_RUN):
            return
        if command.text.startswith("make "):
            finished = subprocess.run(["make", "-n", *shlex.split(command.text)[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
            assert finished.returncode == 0, finished.stderr
            return
        finished = self.execute(["bash", "-c", command.text.replace(PRINTED_ADDRESS, self.address)])
        self.answer = finished.stdout
        everything = finished.stdout + finished.stderr
        assert finished.returncode == expected, f"`{command.text}` ended with {finished.returncode}:\n{everything}"
        if command.shown is not None:
            assert self.is_shown(command.shown, everything), f"`{command.text}` printed something else:\n{everything}"

    def execute(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def is_shown(self, shown: str, actual: str) -> bool:
        return matches_text(shown.replace(PRINTED_ADDRESS, self.address), actual)

    def run_python(self, block: Block) -> None:
        finished = self.execute([sys.executable, "-W", "error", "-c", block.text.replace(PRINTED_ADDRESS, self.address)])
        self.answer = finished.stdout
        assert finished.returncode == wanted_exit(block), finished.stderr

    def ask_or_compare(self, block: Block) -> None:
        shown = json.loads(block.text)
        if "request" in block.marks:
            self.ask(block)
        elif "answer" in block.marks:
            wanted = block.marks["answer"]
            assert not wanted or int(wanted) == self.status, f"the answer's status is {self.status}: {self.answer}"
            assert matches_json(shown, json.loads(self.answer)), f"the answer is another: {self.answer}"
        else:
            raise AssertionError("say which request this is the body of, or that it is the answer")

    def ask(self, block: Block) -> None:
        method, path = block.marks["request"].split(" ", 1)
        name, _, value = block.marks.get("header", "X-None: none").partition(": ")
        headers = {"Content-Type": "application/json", name: value}
        request = urllib.request.Request(f"http://{self.address}{path}", block.text.encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:
                self.status, self.answer = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                self.status, self.answer = error.code, error.read().decode()

    def look_at(self, block: Block) -> None:
        assert "figure" in block.marks, "a text block is a figure, and is marked so; what a command prints belongs below its `$ ` line"
        assert not re.search(r"(?m)^\s*\$ ", block.text), "a figure has no commands"


STEPS: dict[str, Callable[[Story, Block], None]] = {
    "json": Story.ask_or_compare,
    "console": Story.run_commands,
    "sh": Story.run_commands,
    "python": Story.run_python,
    "text": Story.look_at,
}


def wanted_exit(block: Block) -> int:
    return int(block.marks.get("exit", "0"))


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def environment_with_gateway(folder: Path) -> dict[str, str]:
    """This checkout's `gateway` is the one on the PATH, installed or not."""
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    program = programs / "gateway"
    program.write_text(GATEWAY.format(python=shlex.quote(sys.executable)), encoding="utf-8")
    program.chmod(0o755)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


@contextmanager
def served_demo(folder: Path) -> Iterator[str]:
    """Starts `gateway demo` on a free port as a reader would, and yields its `host:port`; Ctrl-C ends it."""
    environment = {**environment_with_gateway(folder), "PYTHONUNBUFFERED": "1"}
    log = folder / "demo.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(["gateway", "demo", "--port", "0"], cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        yield address_in(log, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=SECONDS)


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    """The address in the first line to paste, once the demo has printed it."""
    give_up = time.monotonic() + SECONDS
    while not (found := re.search(r"http://([\w.]+:\d+)/v1/", log.read_text(encoding="utf-8"))):
        alive = process.poll() is None and time.monotonic() < give_up
        assert alive, f"the demo did not start:\n{log.read_text(encoding='utf-8')}"
        time.sleep(0.02)
    return found[1]
