from __future__ import annotations

from pathlib import Path

import pytest

from gateway.importing.files import NewFile, conflicts, description_files, write
from tests.importing.described import operation, written

PATHS = {"/a": {"get": operation("a")}}


def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("vendor", "config"):
        (tmp_path / name).mkdir()
    return tmp_path / "vendor", tmp_path / "config"


def test_inside_nothing_is_copied(tmp_path: Path) -> None:
    file = written(tmp_path, PATHS, "somewhere/api.json")
    assert description_files(file, tmp_path, "shop") == description_files(tmp_path / "x/../somewhere/api.json", tmp_path, "shop")
    found = description_files(file, tmp_path, "shop")
    assert (found.spec, found.files, found.missing) == ("somewhere/api.json", (), ())


def test_from_elsewhere(tmp_path: Path) -> None:
    vendor, config = folders(tmp_path)
    file = written(vendor, PATHS)
    found = description_files(file, config, "shop")
    assert found.spec == "openapi/api.json"
    assert found.files == (NewFile("openapi/api.json", file.read_bytes()),)


def test_in_several_files(tmp_path: Path) -> None:
    vendor, config = folders(tmp_path)
    file = written(vendor, {"/a": {"$ref": "paths/a.yaml#/it"}, "/b": {"$ref": "http://far.example/b.json"}})
    (vendor / "paths").mkdir()
    (vendor / "paths" / "a.yaml").write_text("it: {get: {$ref: '../more.json'}}\nloop: {$ref: '../api.json'}\n")
    (vendor / "more.json").write_text('{"a": {"$ref": "../secret.json"}, "b": {"$ref": "gone.json#/x"}}')
    (tmp_path / "secret.json").write_text("{}")
    found = description_files(file, config, "shop")
    assert found.spec == "openapi/shop/api.json"
    assert [each.name for each in found.files] == ["openapi/shop/api.json", "openapi/shop/paths/a.yaml", "openapi/shop/more.json"]
    assert found.missing == ("../secret.json", "gone.json")


def test_conflicts_and_force(tmp_path: Path) -> None:
    files = [NewFile("specs/sources/a.yaml", b"new"), NewFile("specs/b.yaml", b"same")]
    (tmp_path / "specs" / "sources").mkdir(parents=True)
    (tmp_path / "specs" / "b.yaml").write_bytes(b"same")
    assert conflicts(tmp_path, files, force=False) == []
    assert write(tmp_path, files, force=False) == ["specs/sources/a.yaml"]
    (tmp_path / "specs" / "sources" / "a.yaml").write_bytes(b"mine")
    assert conflicts(tmp_path, files, force=False) == ["specs/sources/a.yaml"]
    with pytest.raises(FileExistsError):
        write(tmp_path, files, force=False)
    assert (tmp_path / "specs" / "sources" / "a.yaml").read_bytes() == b"mine"
    assert conflicts(tmp_path, files, force=True) == []
    assert write(tmp_path, files, force=True) == ["specs/sources/a.yaml"]
    assert (tmp_path / "specs" / "sources" / "a.yaml").read_bytes() == b"new"


def test_folders_and_links_are_conflicts(tmp_path: Path) -> None:
    outside, config = folders(tmp_path)
    (config / "specs").symlink_to(outside, target_is_directory=True)
    (config / "dangling").symlink_to(config / "nothing")
    (config / "folder").mkdir()
    (config / "link").symlink_to(config / "mine")
    (config / "mine").write_bytes(b"mine")
    files = [NewFile(name, b"x") for name in ("specs/a.yaml", "dangling", "folder", "link", "mine", "fine")]
    assert conflicts(config, files, force=False) == ["specs/a.yaml", "dangling", "folder", "link", "mine"]
    assert conflicts(config, files, force=True) == ["specs/a.yaml", "dangling", "folder", "link"]
