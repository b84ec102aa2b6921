"""Where secrets come from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.config.secrets import Secrets, SecretUnreadable


def secrets(folder: Path, **environ: str) -> Secrets:
    return Secrets({"GATEWAY_SECRETS_DIR": str(folder), **environ})


def test_the_environment_comes_first(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("from file")
    assert secrets(tmp_path, GATEWAY_SECRET_DB="from environment").get("db") == "from environment"
    assert secrets(tmp_path).get("db") == "from file"


@pytest.mark.parametrize(("content", "value"), [(b"x\n", "x"), (b"x\r\n", "x"), (b"x\n\n", "x\n"), (b" x ", " x "), ("é".encode(), "é")])
def test_one_line_end_of_a_file_does_not_count(tmp_path: Path, content: bytes, value: str) -> None:
    (tmp_path / "db").write_bytes(content)
    assert secrets(tmp_path).get("db") == value


def test_what_is_not_set_is_none(tmp_path: Path) -> None:
    assert secrets(tmp_path).get("db") is None
    assert Secrets({}).get("db") is None
    assert secrets(tmp_path / "nowhere").get("db") is None


def test_a_link_as_mounted_volumes_have_it_is_followed(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "db").write_text("x")
    (tmp_path / "db").symlink_to(tmp_path / "..data" / "db")
    assert secrets(tmp_path).get("db") == "x"


def test_what_is_no_readable_file_is_told_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"secret\xff")
    (tmp_path / "large").write_bytes(b"secret" * 20_000)
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "binary", "large", "pipe"):
        with pytest.raises(SecretUnreadable) as caught:
            secrets(tmp_path).get(name)
        assert "secret" not in str(caught.value)


def test_the_representation_shows_nothing(tmp_path: Path) -> None:
    assert "hidden" not in repr(secrets(tmp_path, GATEWAY_SECRET_DB="hidden"))
    assert Secrets.how_to_set("db") == "set GATEWAY_SECRET_DB, or put it in a file `db` in the folder that GATEWAY_SECRETS_DIR names"
