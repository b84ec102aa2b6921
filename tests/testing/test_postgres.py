"""The PostgreSQL server of the test kit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.testing import postgres
from gateway.testing.postgres import ServerMissing, find_programs, postgres_server


@pytest.mark.service
def test_it_runs_and_leaves_nothing() -> None:
    try:
        find_programs()
    except ServerMissing as missing:
        pytest.skip(str(missing))
    with postgres_server() as server:
        assert server.run("SELECT 40 + 2") == "42"
        assert server.url("shop") == f"postgresql://test@127.0.0.1:{server.port}/shop"
        home = Path(server.run("SHOW data_directory")).parent
        with pytest.raises(RuntimeError, match="nonsense"):
            server.run("SELECT nonsense")
        assert home.exists()
    assert not home.exists()


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    with pytest.raises(ServerMissing, match="apt-get install postgresql"):
        find_programs()


def test_the_newest_version_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [tmp_path / version / "bin" for version in ("9", "15", "x")]
    for folder in folders:
        folder.mkdir(parents=True)
        for program in postgres._PROGRAMS:
            (folder / program).touch()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(folders))
    assert find_programs() == tmp_path / "15" / "bin"
