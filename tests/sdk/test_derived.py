"""What is made of secret texts."""

from __future__ import annotations

import pytest

from gateway.sdk import Derived, SecretText


def pair(name: str, password: str) -> tuple[str, str]:
    if ":" in name:
        raise ValueError("a colon")
    return name, password


def never() -> None:
    raise AssertionError


def test_it_is_made_once_and_again_when_a_text_changes() -> None:
    name, password = SecretText("a"), SecretText("b")
    derived = Derived(pair, name, password, refused=never)
    first = derived.value
    assert first == ("a", "b")
    assert derived.value is first
    password.replace("c")
    assert derived.value == ("a", "c")
    assert derived.value is derived.value
    assert "c" not in repr(derived).removeprefix("Derived")


def test_what_cant_be_made_keeps_the_last_and_is_told_once() -> None:
    refusals: list[int] = []
    name, password = SecretText("a"), SecretText("b")
    derived = Derived(pair, name, password, refused=lambda: refusals.append(1))
    name.replace("a:b")
    assert [derived.value for _ in range(3)] == [("a", "b")] * 3
    assert refusals == [1]
    name.replace("d")
    assert derived.value == ("d", "b")
    assert refusals == [1]


def test_at_load_it_is_a_fault() -> None:
    with pytest.raises(ValueError, match="a colon"):
        Derived(pair, SecretText(":"), SecretText(""), refused=never)
