"""A Redis server of a test's own: the installed binary, private data, a free port, gone afterwards.

with redis_server() as server:
    connect(server.url())
    server.kill()      # SIGKILL; nothing was saved
    server.start()     # another one on the same port
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_START_SECONDS = 10.0
_OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning")


class ServerMissing(RuntimeError):
    """Redis isn't installed; the message names the program that is missing and how to get it."""


class RedisServer:
    """A server on loopback, without a password unless `options` give it one. `port` stays the same while it is started again."""

    def __init__(self, program: Path, home: Path, options: Sequence[str] = ()) -> None:
        self.port = _free_port()
        self._home = home
        self._command = [str(program), *_OPTIONS, "--dir", str(home), "--port", str(self.port), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: int = 0) -> str:
        """A URL without a password."""
        return f"redis://127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Runs it, and waits until it answers."""
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 -- an installed program
        give_up = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError((self._home / "log").read_text(errors="replace"))
            time.sleep(0.01)

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it in order, or by force where it doesn't follow."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Has it hang: its connections stay, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Has it go on."""
        self._signal(signal.SIGCONT)

    def run(self, *words: str) -> str:
        """One command over a connection of its own: the first line of the answer, or the text where it is one. Raises `RuntimeError`
        for an error."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection, connection.makefile("rb") as answers:
            connection.sendall(_packed(words))
            line: str = answers.readline().decode().rstrip()
            if line.startswith("-"):
                raise RuntimeError(line[1:])
            if line.startswith("$") and line != "$-1":
                return answers.read(int(line[1:])).decode(errors="replace")
            return line[1:]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                probe.sendall(_packed(["PING"]))
                return probe.recv(16).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(which)

    def _end(self, how: signal.Signals) -> None:
        self._signal(how)
        self.thaw()
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)


def find_program() -> Path:
    """The path of `redis-server`. Raises `ServerMissing`."""
    found = shutil.which("redis-server")
    if found is None:
        raise ServerMissing("`redis-server` is not installed; `apt-get install redis-server` or `brew install redis` gets it")
    return Path(found)


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """Runs one (about 20 ms), and removes everything. `options` are those of the command line. Raises `ServerMissing`."""
    program = find_program()
    home = Path(tempfile.mkdtemp(prefix="gateway-redis-"))
    server = RedisServer(program, home, options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _packed(words: Sequence[str]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
