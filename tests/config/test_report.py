"""Problems as text and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.report import render_json, render_text
from gateway.sdk.problem import Place, Problem

EXPECTED = """\
error[GW101]: unknown key `timout` in step `order`
  --> specs/track_order.yaml:17:5
   |
17 |     timout: 800ms
   |     ^^^^^^ did you mean `timeout`?
   = help: allowed here: call, with
"""


def problem(line: int, column: int, end: int, **more: str) -> Problem:
    fields = {"code": "GW101", "severity": "error", "message": "m", **more}
    return Problem(place=Place("a.yaml", line, column, end), **fields)  # type: ignore[arg-type]


def rows(folder: Path, text: str | bytes, found: Problem) -> list[str]:
    (folder / "a.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return render_text([found], folder=folder).splitlines()


def test_the_form_of_the_contract(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/track_order.yaml").write_text("\n" * 16 + "    timout: 800ms\n")
    place = Place("specs/track_order.yaml", 17, 5, 11)
    found = Problem(
        "GW101", "error", "unknown key `timout` in step `order`", place, ("steps",), "did you mean `timeout`?", "allowed here: call, with"
    )
    assert render_text([found], folder=tmp_path) == EXPECTED
    assert render_text([found, found], folder=tmp_path) == EXPECTED + "\n" + EXPECTED


def test_without_hint_and_help(tmp_path: Path) -> None:
    assert rows(tmp_path, "a: 1\n", problem(1, 4, 5, severity="warning")) == [
        "warning[GW101]: m",
        " --> a.yaml:1:4",
        "  |",
        "1 | a: 1",
        "  |    ^",
    ]


def test_an_empty_place_has_one_caret(tmp_path: Path) -> None:
    assert rows(tmp_path, "a: 1\n", problem(1, 5, 5))[-1] == "  |     ^"


@pytest.mark.parametrize(("text", "found"), [("", problem(1, 1, 1)), ("a", problem(9, 1, 4)), ("a", problem(1, 50, 60))])
def test_a_place_behind_the_end_is_still_told(tmp_path: Path, text: str, found: Problem) -> None:
    assert f" --> a.yaml:{found.place.line}:{found.place.column}" in rows(tmp_path, text, found)


def test_a_file_that_is_not_there_has_no_excerpt(tmp_path: Path) -> None:
    found = Problem("GW020", "error", "m", Place("gateway.yaml", 1, 1, 1), hint="h", help="x")
    assert render_text([found], folder=tmp_path) == "error[GW020]: m\n --> gateway.yaml:1:1\n  = hint: h\n  = help: x\n"


@pytest.mark.parametrize("text", ["a: 1\r\nbb: 22\r\n", "a: 1\rbb: 22\r", "\ufeffa: 1\nbb: 22"])
def test_lines_are_those_of_the_reader(tmp_path: Path, text: str) -> None:
    assert rows(tmp_path, text, problem(2, 5, 7))[-2:] == ["2 | bb: 22", "  |     ^^"]


def test_what_acts_on_a_terminal_is_written_out(tmp_path: Path) -> None:
    found = problem(1, 11, 12, message="\x1b[31m\nred", hint="\u202ehint")
    output = rows(tmp_path, "a: \x1b[31m \u202ex", found)
    assert output[0] == "error[GW101]: \\x1b[31m\\x0ared"
    assert output[3:] == ["1 | a: \\x1b[31m \\u202ex", "  |" + " " * 19 + "^ \\u202ehint"]


def test_tabs_and_wide_characters_keep_the_caret_in_place(tmp_path: Path) -> None:
    assert rows(tmp_path, "\ta: 1", problem(1, 5, 6))[-2:] == ["1 |     a: 1", "  |        ^"]
    assert rows(tmp_path, "日本: xy", problem(1, 5, 7))[-2:] == ["1 | 日本: xy", "  |       ^^"]


def test_a_long_line_is_shown_round_the_fault(tmp_path: Path) -> None:
    output = rows(tmp_path, "a: " + "x" * 5_000 + "FAULT" + "y" * 5_000, problem(1, 5_004, 5_009))
    line, carets = output[3], output[4]
    assert line.startswith("1 | …x")
    assert line.endswith("y…")
    assert len(line) < 140
    assert line[carets.index("^") : carets.rindex("^") + 1] == "FAULT"


def test_a_long_fault_is_cut(tmp_path: Path) -> None:
    assert max(map(len, rows(tmp_path, "a: " + "x" * 5_000, problem(1, 4, 5_004)))) < 300


def test_colour_only_where_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")
    plain = render_text([problem(1, 1, 2, hint="h")], folder=tmp_path)
    coloured = render_text([problem(1, 1, 2, hint="h")], folder=tmp_path, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_no_problems_are_no_text(tmp_path: Path) -> None:
    assert render_text([], folder=tmp_path) == ""


def test_json() -> None:
    found = Problem("GW101", "error", "m", Place("a.yaml", 2, 3, 4), ("steps", 0), "h", "x", "f")
    assert json.loads(render_json([found])) == {
        "schema_version": 1,
        "problems": [
            {
                "code": "GW101",
                "severity": "error",
                "file": "a.yaml",
                "line": 2,
                "column": 3,
                "end": 4,
                "path": ["steps", 0],
                "message": "m",
                "hint": "h",
                "fix": "f",
            }
        ],
    }
    assert json.loads(render_json([])) == {"schema_version": 1, "problems": []}


PLACES = st.builds(lambda line, column, length: (line, column, column + length), st.integers(1, 4), st.integers(1, 90), st.integers(0, 90))


@given(st.binary(max_size=80), PLACES, st.text(max_size=20))
def test_any_file_and_place_can_be_shown(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, place: tuple[int, int, int], text: str
) -> None:
    output = rows(tmp_path_factory.getbasetemp(), content, problem(*place, message=text))
    assert not {"\x1b", "\r", "\x00", "\u202e"} & set("".join(output))
    assert len(output) in {2, 5}
