"""What of a secret's text is plain."""

from __future__ import annotations

import pytest

from gateway.config.plain_parts import plain_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("abc", ["abc"]),
        (" abc def ", ["abc def"]),
        ("${ secret.a }", []),
        ('"${ secret.a }"', []),
        ("Basic ${ secret.a }", ["Basic"]),
        ("${ secret.a || 'abc' }", ["'abc'"]),
        ("${ secret.a || `7` }", ["`7`"]),
        ("${ a }:${ b }@${ c }", []),
        ("redis://${ a }:def@${ c }", [":def@"]),
        ("'postgresql+psycopg://user:${ a }@db'", ["user:", "@db'"]),
        ("postgresql+psycopg://user:abc@db", ["postgresql+psycopg://user:abc@db"]),
        ("abc://${ def }", ["abc://"]),
        ("${ a 'b'", ["${ a 'b'"]),
        ("${ {a: 'b'} }", ["${ {a: 'b'} }"]),
        ("", []),
        ("---", []),
    ],
)
def test_all_but_slots_and_in_them_the_constants(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in plain_parts(text)] == parts
