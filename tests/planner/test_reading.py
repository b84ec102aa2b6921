from __future__ import annotations

import pytest

from gateway.planner.reading import steps_read
from gateway.planner.roots import REPLY
from tests.planner.folders import compiler_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("steps.a.b", {"a"}),
        ("status.a == 'ok' && meta.b.ms > `1`", {"a", "b"}),
        ("steps.a.rows[?x == 'y'].z | [0]", {"a"}),
        ("join(',', [steps.a, steps.b.c])", {"a", "b"}),
        ("input.steps.a || output.b", set()),
    ],
)
def test_steps_whose_value_status_or_meta_is_read(text: str, names: set[str]) -> None:
    assert steps_read(compiler_of("intent: a\noutput: x\n").expression(text, ("output",), REPLY)) == names
