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


def test_what_is_empty_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("\n")
    with pytest.raises(SecretUnreadable, match="its file is empty"):
        secrets(tmp_path).get("db")
    with pytest.raises(SecretUnreadable, match="its variable is empty"):
        secrets(tmp_path, GATEWAY_SECRET_DB="").get("db")


def test_all_documents_of_a_load_see_the_same(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("first")
    found = secrets(tmp_path)
    assert found.get("db") == "first"
    (tmp_path / "db").write_text("second")
    assert found.get("db") == "first"


def test_changes_are_told_and_taken(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("first")
    found = secrets(tmp_path, GATEWAY_SECRET_FIXED="x")
    assert [found.get(name) for name in ("db", "fixed", "absent")] == ["first", "x", None]
    assert found.changes() == []
    (tmp_path / "db").write_text("second!")
    (tmp_path / "absent").write_text("here now")
    (tmp_path / "fixed").write_text("the environment comes first")
    changes = found.changes()
    assert [(change.name, change.value, change.fault) for change in changes] == [("db", "second!", None), ("absent", "here now", None)]
    assert "second" not in repr(changes)
    assert found.get("db") == "first"
    assert all(found.accept(change) for change in changes)
    assert [found.get(name) for name in ("db", "absent")] == ["second!", "here now"]
    assert found.changes() == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "its file is gone"), (b"", "its file is empty"), (b"\xff", "its file is not UTF-8"), (b"a" * 70_000, "its file has more")],
)
def test_what_cant_be_used_keeps_the_last_value_and_is_told_once(tmp_path: Path, content: bytes | None, fault: str) -> None:
    (tmp_path / "db").write_text("first")
    found = secrets(tmp_path)
    found.get("db")
    if content is None:
        (tmp_path / "db").unlink()
    else:
        (tmp_path / "db").write_bytes(content)
    (change,) = found.changes()
    assert change.fault is not None
    assert change.fault.startswith(fault)
    assert not found.accept(change)
    assert found.get("db") == "first"
    assert found.changes() == []
    (tmp_path / "db").write_text("second")
    (change,) = found.changes()
    assert found.accept(change)
    assert found.get("db") == "second"


def test_a_file_that_was_only_touched_is_no_new_secret(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("first")
    found = secrets(tmp_path)
    found.get("db")
    os.utime(tmp_path / "db", (1, 1))
    (change,) = found.changes()
    assert not found.accept(change)
    assert found.changes() == []


def test_only_what_may_be_in_a_file_is_watched(tmp_path: Path) -> None:
    fixed = Secrets({"GATEWAY_SECRET_DB": "x"})
    assert [fixed.get("db"), fixed.get("other"), fixed.watched] == ["x", None, False]
    mounted = secrets(tmp_path)
    assert not mounted.watched
    mounted.get("db")
    assert mounted.watched
