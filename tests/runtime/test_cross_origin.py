"""Which origins are let in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.cross_origin import CrossOrigin, origin_of

RULES = CrossOrigin(frozenset({"https://shop.example", "http://localhost:3000", "https://*.acme.example", "https://*.acme.example:8443"}))


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "http://localhost:3000",
        "https://eu.acme.example",
        "https://a-b_1.acme.example",
        "https://eu.acme.example:8443",
    ],
)
def test_it_is_let_in(origin: str) -> None:
    assert RULES.lets_in(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "https://SHOP.example",
        "https://acme.example",
        "https://.acme.example",
        "https://*.acme.example",
        "https://a.b.acme.example",
        "https://evil.example/.acme.example",
        "https://evil.example#.acme.example",
        "https://user@x.acme.example",
        "https://x\n.acme.example",
        "https://eu.acme.example:9",
        "file://eu.acme.example",
    ],
)
def test_it_is_not(origin: str) -> None:
    assert not RULES.lets_in(origin)


@given(st.text(max_size=30))
def test_what_stands_before_a_wildcard_is_one_label(text: str) -> None:
    plain = text.isascii() and text != "" and all(letter.isalnum() or letter in "-_" for letter in text) and text == text.lower()
    assert RULES.lets_in(f"https://{text}.acme.example") == plain


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("*", "*"),
        ("https://Shop.Example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("https://*.shop.example:8443", "https://*.shop.example:8443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_an_origin_has_one_spelling(written: str, origin: str) -> None:
    assert origin_of(written) == origin


@pytest.mark.parametrize(
    "written",
    [
        "", "null", "shop.example", "https://", "https://shop.example/", "https://shop.example/x", "https://*", "https://*.example",
        "https://*.*.shop.example", "https://a*.shop.example", "ftp://shop.example", "https://shop.example:99999", "https://a b",
    ],
)  # fmt: skip
def test_what_is_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        origin_of(written)
