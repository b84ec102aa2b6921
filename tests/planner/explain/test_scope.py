"""Whom the answer of a whole intent is good for."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.explain.scope import Scopes
from tests.planner.explain.folders import ask, calls_of

INNER = "---\nintent: inner\nsteps: {{a: {{{step}}}}}\noutput: ${{ steps.a }}\n{more}"


@pytest.mark.parametrize(
    ("step", "shared"),
    [
        ("call: bare.plain", "tenant"),
        ("call: shop.plain", "equals"),
        ("call: shop.mine", "caller"),
        ("call: shop.order", "nobody"),
        ("call: bare.plain, ensure: [{check: result.ok}]", "caller"),
        ("call: bare.plain, when: user.id", "caller"),
        ("call: bare.plain, when: tenant.id", "tenant"),
        ("let: {x: '${ session.id }'}", "caller"),
        ("foreach: user.groups, call: bare.plain", "caller"),
        ("call: bare.plain, output: '${ user.id }'", "caller"),
        ("call: bare.plain, fallback: [{return: '${ user.id }'}]", "caller"),
        ("call: bare.plain, fallback: [{call: shop.mine}]", "caller"),
        ("call: bare.one, with: {id: '${ user.id }'}", "caller"),
    ],
)
def test_scopes(tmp_path: Path, step: str, shared: str) -> None:
    made, intent = ask(tmp_path, f"a: {{{step}}}")
    assert Scopes(calls_of(made)).of(intent).shared == shared


@pytest.mark.parametrize("more", ["guard: [{check: user.id}]\n"])
def test_a_guard_is_for_one_caller(tmp_path: Path, more: str) -> None:
    made, intent = ask(tmp_path, "a: {call: bare.plain}", more)
    assert Scopes(calls_of(made)).of(intent) == ("caller", "it has guards or ensures")


@pytest.mark.parametrize(
    ("step", "more", "shared"),
    [
        ("call: bare.plain", "", "tenant"),
        ("call: shop.plain", "", "equals"),
        ("call: shop.mine", "", "caller"),
        ("call: shop.order", "", "nobody"),
        ("call: bare.plain", "guard: [{check: user.id}]\n", "caller"),
    ],
)
def test_what_a_sub_intent_does_counts(tmp_path: Path, step: str, more: str, shared: str) -> None:
    made, intent = ask(tmp_path, "a: {call: intent.inner}", INNER.format(step=step, more=more))
    assert Scopes(calls_of(made)).of(intent).shared == shared
