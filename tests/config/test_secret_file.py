"""One mounted file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.config.secret_file import LARGEST, UNSEEN, SecretFile, SecretUnreadable


def test_no_file_has_no_stamp(tmp_path: Path) -> None:
    assert SecretFile(tmp_path / "x").stamp() is None
    (tmp_path / "file").write_text("x")
    assert SecretFile(tmp_path / "file" / "x").stamp() is None
    assert SecretFile(tmp_path / "\0").stamp() == UNSEEN


def test_every_way_of_changing_a_file_changes_its_stamp(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("one")
    stamps = [SecretFile(path).stamp()]
    path.write_text("three")
    stamps.append(SecretFile(path).stamp())
    (tmp_path / "new").write_text("three")
    (tmp_path / "new").replace(path)
    stamps.append(SecretFile(path).stamp())
    for folder in ("..1", "..2"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "y").write_text("three")
    link = tmp_path / "..data"
    link.symlink_to("..1")
    stamps.append(SecretFile(link / "y").stamp())
    (tmp_path / "swap").symlink_to("..2")
    (tmp_path / "swap").replace(link)
    stamps.append(SecretFile(link / "y").stamp())
    assert len(set(stamps)) == len(stamps)
    assert SecretFile(link / "y").stamp() == stamps[-1]


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n", b"secret\xff", b"secret" * LARGEST])
def test_what_cant_be_used_is_told_without_its_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(SecretUnreadable) as caught:
        SecretFile(tmp_path / "x").read()
    assert "secret" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_text_of_the_largest_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a" * LARGEST)
    assert SecretFile(tmp_path / "x").read() == "a" * LARGEST


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in (".", "pipe", "nothing"):
        with pytest.raises(SecretUnreadable):
            SecretFile(tmp_path / name).read()
