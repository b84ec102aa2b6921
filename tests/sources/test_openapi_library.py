"""References between the files of a description."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.sources.openapi_document import DocumentFault
from gateway.sources.openapi_library import Library, map_at

MAIN = """\
a: {$ref: "#/b"}
b: {$ref: "parts/two.yaml#/x~1y/0"}
loop: {$ref: "#/loop"}
remote: {$ref: "https://specs.example/a.yaml#/x"}
scheme: {$ref: "file:///etc/passwd"}
host: {$ref: "//specs.example/a.yaml"}
outside: {$ref: "../outside.yaml#/x"}
absolute: {$ref: "/etc/passwd"}
missing: {$ref: "#/nothing/here"}
anchor: {$ref: "#anchor"}
badindex: {$ref: "#/list/9"}
strange: {$ref: "parts/%00.yaml"}
list: [{v: 1}]
deep: {$ref: "#/list/0/v"}
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "config"
    (folder / "parts").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text("x: secret")
    (folder / "main.yaml").write_text(MAIN)
    (folder / "parts" / "two.yaml").write_text('x/y: [{back: {$ref: "../main.yaml#/list/0"}}]')
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    return Library(folder)


def test_references_are_followed_from_file_to_file(library: Library) -> None:
    main = library.open("main.yaml")
    found = library.follow(main.below(main.node["a"]))
    assert found is not None
    assert (found.file.name, found.pointer) == ("two.yaml", "/x~1y/0")
    back = library.follow(found.below(found.node["back"]))
    assert back is not None
    assert (back.node, back.file) == ({"v": 1}, main.file)
    deep = library.follow(main.below(main.node["deep"]))
    assert deep is not None
    assert deep.node == 1


@pytest.mark.parametrize("name", ["loop", "remote", "scheme", "host", "outside", "absolute", "missing", "anchor", "badindex", "strange"])
def test_what_isnt_followed(name: str, library: Library) -> None:
    main = library.open("main.yaml")
    assert library.follow(main.below(main.node[name])) is None


@pytest.mark.parametrize("name", ["../outside.yaml", "link.yaml", "/etc/passwd", "missing.yaml", "a\0b", "."])
def test_what_isnt_opened(name: str, library: Library) -> None:
    with pytest.raises(DocumentFault):
        library.open(name)


def test_a_file_is_read_once(library: Library, tmp_path: Path) -> None:
    first = library.open("main.yaml")
    (tmp_path / "config" / "main.yaml").unlink()
    assert library.open("main.yaml").node is first.node


def test_map_at() -> None:
    assert map_at({"a": {"b": 1}}, "a") == {"b": 1}
    assert map_at({"a": [1]}, "a") == map_at(None, "a") == {}
