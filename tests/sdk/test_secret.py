"""Texts that change with their secrets."""

from __future__ import annotations

from gateway.sdk import SecretText


def test_it_is_read_as_it_is_now_and_never_shown() -> None:
    text = SecretText("first-value", secret=True)
    assert text.text == "first-value"
    text.replace("second-value")
    assert text.text == "second-value"
    assert "value" not in repr(text)
    assert not SecretText("x").secret
    assert not SecretText("x").followed
