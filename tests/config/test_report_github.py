"""Annotations: one line each, and no text from a file becomes a command."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.config.report_github import render_github
from gateway.sdk.problem import Place, Problem

PLACE = Place("specs/a.yaml", 3, 5, 11)


def test_the_format() -> None:
    problems = [
        Problem("GW101", "error", "unknown key `timout`", PLACE, hint="did you mean `timeout`?", help="allowed: a, b"),
        Problem("GW110", "warning", "100% soon", PLACE),
    ]
    assert render_github(problems, folder=Path("conf")) == (
        "::error file=conf/specs/a.yaml,line=3,col=5,endColumn=11,title=GW101 An unknown key"
        "::unknown key `timout`%0Adid you mean `timeout`?%0Aallowed: a, b\n"
        "::warning file=conf/specs/a.yaml,line=3,col=5,endColumn=11,title=GW110 A key that is checked%2C not in force yet::100%25 soon\n"
    )
    assert render_github(problems[1:], folder=Path()).startswith("::warning file=specs/a.yaml,")
    assert render_github([], folder=Path()) == ""


def test_text_from_files_becomes_no_command() -> None:
    hostile = Problem(
        "GW101", "error", "x\n::set-output name=a::b\r::stop-commands::x\u2028::", Place("a,line=9::b%\n::c", 1, 1, 2), hint="%0A::error"
    )
    assert render_github([hostile], folder=Path()) == (
        "::error file=a%2Cline=9%3A%3Ab%25\\x0a%3A%3Ac,line=1,col=1,endColumn=2,title=GW101 An unknown key"
        "::x\\x0a::set-output name=a::b\\x0d::stop-commands::x\\u2028::%0A%250A::error\n"
    )


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_problem_is_one_line_whatever_it_says(file: str, message: str, hint: str) -> None:
    written = render_github([Problem("GW101", "error", message, Place(file, 1, 1, 2), hint=hint)], folder=Path())
    assert written.startswith("::error file=")
    assert len(written.splitlines()) == 1
    properties = written.removeprefix("::error ").partition("::")[0]
    assert [pair.partition("=")[0] for pair in properties.split(",")] == ["file", "line", "col", "endColumn", "title"]
