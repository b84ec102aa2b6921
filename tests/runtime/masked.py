"""Rules and masks as a plan has them, made by hand."""

from __future__ import annotations

from typing import Any

from gateway.expressions import compile_expression
from gateway.runtime.masking import Masking, MaskRule, Masks
from gateway.runtime.masks import MaskKind
from gateway.sdk import Compiled, SecretText

KEY = SecretText("key")


class Counted:
    """A counter whose count can be read."""

    def __init__(self) -> None:
        self.count = 0.0

    def inc(self, amount: float = 1) -> None:
        self.count += amount


def condition(text: str | None) -> Compiled | None:
    if text is None:
        return None
    compiled, faults = compile_expression(text, roots=frozenset({"user", "tenant", "ctx", "config"}), authorisation=True)
    assert compiled is not None, faults
    return compiled


def rule(mask: MaskKind, *, when: str | None = None, unless: str | None = None, about: str = "pii") -> MaskRule:
    return MaskRule(mask, about, Counted(), "policies/masks.yaml:3", condition(when), condition(unless))


def scope(*roles: str, **more: Any) -> dict[str, Any]:
    return {"user": {"id": "u1", "roles": list(roles), **more}, "tenant": {"id": "acme"}, "ctx": {"channel": "web"}, "config": {}}


def masks(*rules: MaskRule, held: frozenset[int] | None = None) -> Masks:
    """What holds for somebody; all of the rules where it isn't said which."""
    return Masks(Masking(rules, KEY), frozenset(range(len(rules))) if held is None else held, "acme")


def count_of(made: MaskRule) -> float:
    assert isinstance(made.counted, Counted)
    return made.counted.count
