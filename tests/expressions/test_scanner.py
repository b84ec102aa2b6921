from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.expressions.faults import Fault, SyntaxFault
from gateway.expressions.scanner import Escape, Piece, Slot, Text, holds_slot, only_slot, scan


def expressions_in(text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in scan(text) if isinstance(piece, Slot)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", []),
        ("", []),
        ("${ a }", [" a "]),
        ("x ${a}${b} y", ["a", "b"]),
        ("${ {a: b} }", [" {a: b} "]),
        ("${ {a: {b: c}}.a }!", [" {a: {b: c}}.a "]),
        ("${ a == '}' }", [" a == '}' "]),
        (r"${ a == 'it\'s }' }", [r" a == 'it\'s }' "]),
        ('${ "a}b".c }', [' "a}b".c ']),
        (r'${ "a\"}b" }', [r' "a\"}b" ']),
        ('${ a == `{"b": "}"}` }', [' a == `{"b": "}"}` ']),
        (r"${ `\`}` }", [r" `\`}` "]),
        ("${ '${' }", [" '${' "]),
        ("a } b ${ c }", [" c "]),
        ("it's ${ a } isn't", [" a "]),
        ("$ {a}", []),
        ("$a ${b}", ["b"]),
    ],
)
def test_finds_expressions(text: str, found: list[str]) -> None:
    assert expressions_in(text) == found


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a$${b}", [Text("a"), Escape(1), Text("b}")]),
        ("$$${b}", [Text("$"), Escape(1), Text("b}")]),
        ("${a}$${b}", [Slot(2, 3), Escape(4), Text("b}")]),
        ("${a}${b}", [Slot(2, 3), Slot(6, 7)]),
        ("$${", [Escape(0)]),
    ],
)
def test_resolves_escapes(text: str, pieces: list[object]) -> None:
    assert scan(text) == pieces


@pytest.mark.parametrize(
    ("text", "start", "word"),
    [
        ("x ${ a", 2, "`${`"),
        ("${", 0, "`${`"),
        ("${ {a: b }", 0, "`${`"),
        ("${ 'a }", 0, "a '"),
        ("ab ${ `1 }", 3, "a `"),
        ('${ "x } }', 0, 'a "'),
        (r"${ 'a\'}", 0, "a '"),
        ("${a} ${", 5, "`${`"),
    ],
)
def test_refuses_what_is_never_closed(text: str, start: int, word: str) -> None:
    with pytest.raises(SyntaxFault) as caught:
        scan(text)
    fault = caught.value.fault
    assert (fault.code, fault.start, fault.end) == ("GW201", start, len(text))
    assert fault.message.startswith(word)
    assert fault.hint


@pytest.mark.parametrize(
    ("text", "single"),
    [("${ a }", True), (" \n${ a }\t", True), ("${ a }.", False), ("${a}${b}", False), ("${a} ${b}", False), ("$${a}", False)],
)
def test_tells_a_single_expression(text: str, single: bool) -> None:
    assert (only_slot(scan(text)) is not None) is single


@given(st.text(alphabet="${}'\"`\\ab "))
def test_never_crashes_and_loses_nothing(text: str) -> None:
    pieces, fault = attempt(text)
    if fault is not None:
        assert 0 <= fault.start < fault.end <= len(text)
        return
    written = "".join(
        piece.text if isinstance(piece, Text) else "$${" if isinstance(piece, Escape) else "${" + text[piece.start : piece.end] + "}"
        for piece in pieces
    )
    assert written == text
    assert holds_slot(text) or pieces in ([], [Text(text)])


def attempt(text: str) -> tuple[list[Piece], Fault | None]:
    try:
        return scan(text), None
    except SyntaxFault as found:
        return [], found.fault


def test_a_long_text_is_scanned_in_one_pass() -> None:
    assert len(scan("${a} " * 50_000)) == 100_000
