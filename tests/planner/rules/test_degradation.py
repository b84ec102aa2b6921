"""Replies are for codes that there are, and in all languages that are spoken; `tests/golden` shows the words."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.testing.scenario import prepare

INTENT = "intent: hello\naccess: {roles: [customer]}\noutput: {}\n"
ROLES = "policy: roles\nroles: {customer: {}}\n"


def codes(folder: Path, replies: str, reply: str = "") -> list[str]:
    policy = f"policy: degradation\nreplies: {replies}\n"
    files = {"specs/hello.yaml": INTENT + reply, "policies/roles.yaml": ROLES, "policies/degradation.yaml": policy}
    return [code for code in prepare(folder, files, {}).codes if code in ("GW515", "GW544")]


@pytest.mark.parametrize("code", ["unavailable", "forbidden", "rate_limited", "other"])
def test_a_code_that_there_is(tmp_path: Path, code: str) -> None:
    assert codes(tmp_path, f"{{{code}: Not now.}}") == []


@pytest.mark.parametrize("code", ["unavailble", "backend", "internal", "default"])
def test_a_code_that_there_is_not(tmp_path: Path, code: str) -> None:
    assert codes(tmp_path, f"{{{code}: Not now.}}") == ["GW515"]


@pytest.mark.parametrize(
    ("replies", "reply", "found"),
    [
        ("{timeout: {en: a}}", "", []),
        ("{timeout: {en: a}, other: {en: b}}", "", []),
        ("{timeout: {en: a}, other: {en: b, de: c}}", "", ["GW544"]),
        ("{timeout: {en: a, de: b}, other: {en: b, de-CH: c}}", "", []),
        ("{timeout: {en: a}}", "reply: {en: Hi., fr: Salut.}", ["GW544"]),
        ("{timeout: a}", "reply: {en: Hi., fr: Salut.}", []),
    ],
)
def test_a_language_that_others_have(tmp_path: Path, replies: str, reply: str, found: list[str]) -> None:
    assert codes(tmp_path, replies, reply) == found
