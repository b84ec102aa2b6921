from __future__ import annotations

from gateway.expressions.shape import ANY, TEXT, closed
from gateway.planner import root_shapes
from gateway.planner.known import Known
from tests.planner.folders import compiler_of

KNOWN = Known(config=closed(["states"]), flags=closed(["new"]), user=closed(["id"]), transforms={"shout": lambda _: (TEXT, [])})


def test_roots_are_those_that_every_position_may_have() -> None:
    assert KNOWN.roots.keys() == {"config", "flags", "user", "ctx", "tenant", "session"}
    assert KNOWN.roots["user"].names == ("id",)
    assert KNOWN.roots["ctx"] is root_shapes.CONTEXT


def test_a_check_knows_the_transforms() -> None:
    check = KNOWN.check(compiler_of("intent: a\n"))
    assert check.transformed("shout", ANY, ()) is TEXT
    assert check.transformed("whisper", ANY, ()) is ANY
