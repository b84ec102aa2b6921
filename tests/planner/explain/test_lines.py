from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.explain.account import Line
from gateway.planner.explain.lines import Lines, brief, written
from tests.planner.explain.folders import ask


def test_a_line_is_as_written(tmp_path: Path) -> None:
    made, _ = ask(tmp_path, "a: {call: shop.plain}", "deadline: 1s\nsoft_deadline: 500ms\n")
    document = made.planned.loaded.intents["ask"][-1].document
    lines = Lines(made.planned)
    assert lines.key(document, ("deadline",)) == Line("deadline 1s", "specs/all.yaml:4")
    assert lines.key(document, ("soft_deadline",)) == Line("soft_deadline 500ms", "specs/all.yaml:5", in_force=False)
    assert lines.key(document, ("mode",)) is None
    assert lines.at(document, ("steps", "a"), "said") == Line("said", "specs/all.yaml:2")


def test_the_environment_is_not_filled_in(tmp_path: Path) -> None:
    made, _ = ask(tmp_path, "a: {call: shop.plain}")
    document = made.planned.loaded.sources["shop"].document
    assert written(document, ("servers", 0)) == "http://${ env.SHOP || '127.0.0.1:9' }"
    assert written(document, ("nothing", 0, "here")) is None


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (1, "1"), (None, "null"), ({"a": ["é"]}, '{"a": ["é"]}')])
def test_brief(value: object, text: str) -> None:
    assert brief(value) == text
