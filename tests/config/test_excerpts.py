"""Lines of files, as places count them."""

from __future__ import annotations

from pathlib import Path

from gateway.config.excerpts import Excerpts
from gateway.sdk.problem import Place


def test_lines_are_those_of_the_reader(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("\ufeffone\r\ntwo\rthree\n".encode() + b"\xff")
    excerpts = Excerpts(tmp_path)
    assert excerpts.lines("a.yaml") == ["one", "two", "three", "\ufffd"]
    assert [excerpts.line(Place("a.yaml", line, 1, 2)) for line in (0, 1, 4, 5)] == [None, "one", "\ufffd", None]


def test_what_is_not_there_or_outside_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    excerpts = Excerpts(folder)
    assert [list(excerpts.lines(name)) for name in ("none.yaml", ".", "link.yaml", "../outside.yaml", "a\0b")] == [[]] * 5


def test_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("one")
    excerpts = Excerpts(tmp_path)
    assert excerpts.lines("a.yaml") == ["one"]
    (tmp_path / "a.yaml").write_text("two")
    assert excerpts.lines("a.yaml") == ["one"]
