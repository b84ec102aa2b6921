"""Every code of a finding can occur, and says why and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.planner.audit import rules
from gateway.planner.audit.catalogue import ENTRIES, explain

CODE = re.compile(r'"(GA\d{3})"')
TESTS = Path(__file__).parent / "rules"


def codes_in(folder: Path) -> set[str]:
    return {code for path in folder.glob("*.py") for code in CODE.findall(path.read_text(encoding="utf-8"))}


def test_codes_are_those_of_the_rules() -> None:
    assert codes_in(Path(rules.__file__).parent) == set(ENTRIES)


def test_each_code_has_a_test() -> None:
    assert set(ENTRIES) - codes_in(TESTS) == set()


@pytest.mark.parametrize("code", ENTRIES)
def test_each_says_why_and_what_to_do(code: str) -> None:
    entry = ENTRIES[code]
    assert entry.severity in {"high", "medium", "low"}
    assert entry.title
    assert entry.why.endswith(".")
    assert entry.advice.endswith(".")
    assert "Do:" not in entry.why


def test_the_long_text() -> None:
    assert explain("ga701") == (
        "GA701: Nobody can see how it runs (low)\n\n"
        "Without metrics, failures and slowness are first noticed by callers.\n\n"
        "What to do: take `metrics: false` out.\n"
    )
    assert explain("GA999") is None
