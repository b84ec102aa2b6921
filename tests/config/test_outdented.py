"""Keys that lack their indentation."""

from __future__ import annotations

import pytest

from tests.config.written import problems_of


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps:\na: {call: b.c}\nd: {call: b.c}\noutput: {}\n", [(2, "indent `a` and `d` further than `steps`")]),
        (
            "steps:\n  a:\n  call: b.c\n  required: false\n  d: {call: b.c}\noutput: {}\n",
            [(3, "indent `call` and `required` further than `a`")],
        ),
        (
            "access:\nroles: [a]\ninput:\ntype: object\noutput: {}\n",
            [(2, "indent `roles` further than `access`"), (4, "indent `type` further than `input`")],
        ),
        ("steps:\noutput: {}\n", [(2, "write a value, or remove the key")]),
        ("access:\nrules: [a]\noutput: {}\n", [(2, "write a value, or remove the key"), (3, None)]),
        ("steps:\nNot A Name: 1\noutput: {}\n", [(2, "write a value, or remove the key"), (3, None)]),
        ("output:\nroles: [a]\n", [(3, None)]),
    ],
)
def test_what_was_meant_to_be_below(text: str, told: list[tuple[int, str | None]]) -> None:
    assert [(problem.place.line, problem.hint) for problem in problems_of(f"intent: x\n{text}")] == told
