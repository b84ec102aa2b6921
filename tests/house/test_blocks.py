"""How pages are cut into blocks, and what counts as shown."""

from __future__ import annotations

import pytest

from tests.house.blocks import Block, Command, blocks_of, commands_of, contains_lines, matches_json, matches_text

PAGE = """\
Text.

<!-- file: specs/a.yaml -->
<!-- exit: 3 -->

```yaml
source: a
```

<!-- figure -->
This line parts the mark from the block.

- item

  ```console
  $ true
  ```
"""


def test_blocks_carry_their_marks_and_place() -> None:
    assert blocks_of(PAGE) == [
        Block("yaml", "source: a\n", 6, {"file": "specs/a.yaml", "exit": "3"}),
        Block("console", "$ true\n", 15, {}),
    ]


def test_an_open_block_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 1 is never closed"):
        blocks_of("```yaml\na: 1\n")


def test_commands_and_their_output() -> None:
    assert commands_of("$ gateway check\n$ gateway call a \\\n    b=1\n{\n}\n") == [
        Command("gateway check", None),
        Command("gateway call a b=1", "{\n}\n"),
    ]
    with pytest.raises(ValueError, match="before any"):
        commands_of("output\n$ true")


@pytest.mark.parametrize(
    ("shown", "actual", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a…c", "abbc", True),
        ("a…c", "ab\nc", False),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…\nd", "a\nd", True),
        ("a\n…", "a\nb", True),
        ("a", "a\nb", False),
        ("a.c", "abc", False),
        ("a", "a  \n\n", True),
    ],
)
def test_shown_output(shown: str, actual: str, same: bool) -> None:
    assert matches_text(shown, actual) is same


@pytest.mark.parametrize(
    ("shown", "actual", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1, "…": "…"}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2, "…": "…"}, {"a": 1}, False),
        ({"a": "…"}, {"a": None}, True),
        ({"a": "01…"}, {"a": "01J9"}, True),
        ({"a": "01…"}, {"a": "11J9"}, False),
        ([1, "…"], [1, 2, 3], True),
        ([1, "…"], [], False),
        ([1], [1, 2], False),
        (1, True, False),
    ],
)
def test_shown_json(shown: object, actual: object, same: bool) -> None:
    assert matches_json(shown, actual) is same


@pytest.mark.parametrize(
    ("excerpt", "held"),
    [("b:\n  c: 1", True), ("a: 1\n…\nd: 2", True), ("d: 2\n…\na: 1", False), ("c: 1", True), ("c: 2", False), ("…", False)],
)
def test_excerpts(excerpt: str, held: bool) -> None:
    assert contains_lines(excerpt, "a: 1\nb:\n  c: 1\nd: 2\n") is held
