from __future__ import annotations

import pytest

from gateway.expressions.writer import MAX_INDENT, TEXT, Writer


def test_writes_a_function() -> None:
    writer = Writer({"len": len})
    greeting = writer.constant('it\'s "x"\n')

    def body() -> str:
        with writer.block("if s"):
            writer.line(f"return {writer.assign(f'len({greeting})')}")
        return "None"

    function = writer.finish(writer.function(body, "s"), "the text")
    assert function(True) == len('it\'s "x"\n')
    assert function(False) is None
    assert writer.names[TEXT] == "the text"


def test_functions_can_call_each_other() -> None:
    writer = Writer({})
    inner = writer.function(lambda: "c")
    outer = writer.function(lambda: f"{inner}(s, s, b)", "s, b")
    assert writer.finish(outer, "")(7, [0]) == 7


def test_generated_code_has_no_builtins() -> None:
    writer = Writer({})
    with pytest.raises(NameError):
        writer.finish(writer.function(lambda: "open", "s"), "")(1)


def test_tells_when_it_gets_deep() -> None:
    writer = Writer({})
    depths: list[bool] = []

    def nest(level: int) -> None:
        depths.append(writer.deep)
        if level:
            with writer.block("if True"):
                nest(level - 1)

    writer.function(lambda: (nest(MAX_INDENT), "None")[1], "s")
    assert depths == [False] * MAX_INDENT + [True]


def test_an_empty_block_is_valid() -> None:
    writer = Writer({})

    def body() -> str:
        with writer.block("if s"):
            pass
        return "s"

    assert writer.finish(writer.function(body, "s"), "")(3) == 3
