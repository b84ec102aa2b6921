"""Files are replaced whole, in place, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gateway.config.atomic_files import ChangedMeanwhile, read_in_place, replace_all
from gateway.config.strict_yaml import MOST_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files in a folder, and one outside."""
    inside = tmp_path / "folder"
    (inside / "specs").mkdir(parents=True)
    (inside / "specs/a.yaml").write_bytes(b"a")
    (inside / "b.yaml").write_bytes(b"b")
    (tmp_path / "outside.yaml").write_bytes(b"outside")
    return inside


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_files_get_their_contents_and_keep_their_modes(folder: Path) -> None:
    (folder / "b.yaml").chmod(0o640)
    replace_all(folder, {"specs/a.yaml": b"a", "b.yaml": b"b"}, {"specs/a.yaml": b"new", "b.yaml": b""})
    assert [(folder / name).read_bytes() for name in ("specs/a.yaml", "b.yaml")] == [b"new", b""]
    assert stat.S_IMODE((folder / "b.yaml").stat().st_mode) == 0o640
    assert names(folder) == ["b.yaml", "specs/a.yaml"]


def test_where_one_has_changed_none_is_written(folder: Path) -> None:
    with pytest.raises(ChangedMeanwhile, match="has changed since"):
        replace_all(folder, {"specs/a.yaml": b"a", "b.yaml": b"other"}, {"specs/a.yaml": b"new", "b.yaml": b"new"})
    assert (folder / "specs/a.yaml").read_bytes() == b"a"
    assert names(folder) == ["b.yaml", "specs/a.yaml"]


def test_where_one_can_not_be_written_none_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_all(folder, {"b.yaml": b"b"}, {"b.yaml": b"new"})
    assert (folder / "b.yaml").read_bytes() == b"b"
    assert names(folder) == ["b.yaml", "specs/a.yaml"]


def test_links_are_not_followed(folder: Path) -> None:
    (folder / "out.yaml").symlink_to(folder.parent / "outside.yaml")
    (folder / "in.yaml").symlink_to(folder / "b.yaml")
    (folder / "linked").symlink_to(folder / "specs")
    for name in ("out.yaml", "in.yaml", "linked/a.yaml", "../outside.yaml", str(folder / "b.yaml"), "specs", "none.yaml", "a\0b"):
        assert read_in_place(folder, name) is None
    with pytest.raises(ChangedMeanwhile):
        replace_all(folder, {"out.yaml": b"outside"}, {"out.yaml": b"new"})
    assert (folder.parent / "outside.yaml").read_bytes() == b"outside"


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    (folder.parent / "link").symlink_to(folder)
    assert read_in_place(folder.parent / "link", "b.yaml") == b"b"


def test_a_file_that_is_too_large_is_left_alone(folder: Path) -> None:
    (folder / "b.yaml").write_bytes(b"x" * (MOST_BYTES + 1))
    assert read_in_place(folder, "b.yaml") is None
