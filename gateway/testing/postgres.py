"""A PostgreSQL server of a test's own: installed binaries, private data, a free port, gone afterwards.

    with postgres_server() as server:
        engine = create_async_engine(server.url("shop"))

PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`, who also owns its data.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

_PROGRAMS = ("initdb", "postgres", "psql")
_START_SECONDS = 20.0
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}


class ServerMissing(RuntimeError):
    """PostgreSQL isn't installed; the message names the program that is missing and how to get it."""


class Postgres(msgspec.Struct, frozen=True):
    """A running server. Its superuser is `test`, without a password, on loopback only."""

    port: int
    programs: Path

    def url(self, database: str = "postgres") -> str:
        """A URL for SQLAlchemy."""
        return f"postgresql://test@127.0.0.1:{self.port}/{database}"

    def run(self, sql: str, database: str = "postgres") -> str:
        """Runs statements with psql, as a superuser and outside the gateway; gives what they print. Stops at the first error."""
        command = [str(self.programs / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "test"]
        done = subprocess.run([*command, "-d", database], input=sql, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 -- an installed program
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()


def find_programs() -> Path:
    """The folder with `initdb`, `postgres` and `psql`. Raises `ServerMissing`."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in folders:
        if all((folder / program).exists() for program in _PROGRAMS):
            return folder
    raise ServerMissing("`postgres` is not installed; `apt-get install postgresql` or `brew install postgresql` gets it")


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Makes a cluster (about half a second), runs it, and removes everything. Raises `ServerMissing`."""
    programs = find_programs()
    owner = _owner()
    home = Path(tempfile.mkdtemp(prefix="gateway-postgres-"))
    try:
        if owner is not None:
            os.chown(home, owner.pw_uid, owner.pw_gid)
        _make_cluster(programs, home, owner)
        with _running(programs, home, owner) as port:
            yield Postgres(port, programs)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _owner() -> pwd.struct_passwd | None:
    """Whose processes they are to be: None for our own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerMissing("PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`")


def _make_cluster(programs: Path, home: Path, owner: pwd.struct_passwd | None) -> None:
    command = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "test", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
    with _started(command, home, owner) as setup:
        if setup.wait(timeout=_START_SECONDS):
            raise RuntimeError((home / "log").read_text(errors="replace"))


@contextmanager
def _running(programs: Path, home: Path, owner: pwd.struct_passwd | None) -> Iterator[int]:
    """Yields the port, once the server answers there."""
    port = _free_port()
    settings = {**_SETTINGS, "port": str(port), "unix_socket_directories": str(home)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with _started([str(programs / "postgres"), "-D", str(home / "data"), *options], home, owner) as server:
        try:
            _wait(server, port, home / "log")
            yield port
        finally:
            _stop(server)


def _started(command: list[str], home: Path, owner: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    user, group = (None, None) if owner is None else (owner.pw_uid, owner.pw_gid)
    extra: list[int] | None = None if owner is None else []
    with (home / "log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 -- an installed program
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, user=user, group=group, extra_groups=extra
        )


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Fast shutdown (SIGINT), which ends the connections that are left; then by force."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until the server takes connections: its socket appears when it does."""
    ready = log.parent / f".s.PGSQL.{port}"
    give_up = time.monotonic() + _START_SECONDS
    while not ready.exists() or not _accepts(port):
        if server.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(log.read_text(errors="replace"))
        time.sleep(0.02)


def _accepts(port: int) -> bool:
    """Whether the start-up is over: before that, PostgreSQL answers a start-up packet with an error (`E`, code 57P03)."""
    parameters = b"user\0test\0database\0postgres\0\0"
    packet = struct.pack("!ii", 8 + len(parameters), 196608) + parameters
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            probe.sendall(packet)
            return probe.recv(1) == b"R"
    except OSError:
        return False
