"""Every fenced block of README.md and docs/*.md is true: it is executed, or compared with what it quotes.

A page is a story. Its blocks run in order, in one copy of the assistant (`gateway.yaml`, `specs/` and so on) of its own, while
one demo (`gateway demo`) serves all pages. Where a page says `127.0.0.1:8080`, the demo's real address is meant. Marks are HTML
comments above a block, which a reader doesn't see:

| block | mark | then |
|---|---|---|
| any | `<!-- file: specs/x.yaml -->` | is written to that file of the copy; `gateway check` must then accept the folder |
| any | `<!-- from: specs/x.yaml -->` | its lines stand in that file (of the copy, else of the repository); a line `…` skips some |
| `console`, `sh` | | each `$ ` line is run; lines below it are its output (stdout, then stderr); no such lines: any output |
| `python` | | is run by a fresh interpreter, warnings are errors |
| `json` | `<!-- request: POST /v1/chat -->` | is sent to the demo as that request's body; `<!-- header: X-API-Key: … -->` adds a header |
| `json` | `<!-- answer: 200 -->` | is the last answer, or (without a status) what the last command printed on stdout |
| `text` | `<!-- figure -->` | is a drawing, and holds no commands |

`<!-- exit: 3 -->` says that the block's last command (or the check after `file`) ends with that status instead of 0. In output and
JSON `…` stands for what differs from run to run: part of a line, whole lines, a value; as a key or last item, any more of them.
`make …` lines are checked to be targets, not run, since one of them runs this test; `git clone` and `cd` lines are not run.
A block of any other kind fails: what can't be checked isn't written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.blocks import Block, blocks_of
from tests.house.story import Story, served_demo
from tests.house.tree import ROOT

PAGES = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.is_file()]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_demo(tmp_path_factory.mktemp("demo")) as address:
        yield address


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_there_is_a_readme() -> None:
    assert ROOT / "README.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_is_true(page: Path, demo: str, tmp_path: Path) -> None:
    story = Story(tmp_path / "assistant", demo)
    for block in blocks_of(text_of(page)):
        if (fault := fault_in(story, block)) is not None:
            pytest.fail(f"{name_of(page)}:{block.line}: {fault}", pytrace=False)


def fault_in(story: Story, block: Block) -> str | None:
    try:
        story.tell(block)
    except AssertionError as error:
        return str(error)
    return None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for path, anchor in LINK.findall(text_of(page)):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(text_of(target))):
            broken.append(f"{path}#{anchor}" if anchor else path)
    assert broken == []


def anchors_of(page: str) -> set[str]:
    headings = re.findall(r"(?m)^#+\s+(.*)$", page)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (Block("rust", "fn main() {}", 1, {}), "nothing tells"),
        (Block("", "plain", 1, {}), "nothing tells"),
        (Block("yaml", "a: 1", 1, {}), "nothing tells"),
        (Block("yaml", "a: 1", 1, {"from": "gateway.yaml"}), "not in gateway.yaml"),
        (Block("text", "+--+", 1, {}), "is a figure"),
        (Block("text", "$ true", 1, {"figure": ""}), "no commands"),
        (Block("json", "{}", 1, {}), "which request"),
        (Block("console", "", 1, {}), "nothing to run"),
        (Block("console", "$ false", 1, {}), "ended with 1"),
        (Block("console", "$ false\n$ true", 1, {"exit": "1"}), "ended with 1"),
        (Block("console", "$ echo a\nb", 1, {}), "printed something else"),
        (Block("sh", "$ make no-such-target", 1, {}), "no-such-target"),
        (Block("python", "1 / 0", 1, {}), "ZeroDivisionError"),
    ],
)
def test_an_untrue_block_fails(block: Block, fault: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=fault):
        Story(tmp_path / "assistant", "127.0.0.1:1").tell(block)


def test_true_blocks_pass(tmp_path: Path) -> None:
    story = Story(tmp_path / "assistant", "127.0.0.1:9")
    for block in (
        Block("yaml", "specs: [specs]\n…\ntelemetry: {metrics: true, logs: json}", 1, {"from": "gateway.yaml"}),
        Block("console", "$ echo '{\"a\": [1, 2]}'", 2, {}),
        Block("json", '{"a": [1, "…"]}', 3, {"answer": ""}),
        Block("console", "$ echo to 127.0.0.1:8080 and on\nto 127.0.0.1:8080 …", 4, {}),
        Block("console", "$ (exit 3)", 5, {"exit": "3"}),
        Block("sh", "$ cd gateway\n$ make test", 6, {}),
        Block("python", "print('x')", 7, {}),
        Block("text", "+--+", 8, {"figure": ""}),
    ):
        story.tell(block)
