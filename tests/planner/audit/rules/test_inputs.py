from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.audit.folders import INTENT, told


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ("{type: object}", True),
        ("{type: object, additionalProperties: false}", False),
        ("{type: object, additionalProperties: {type: integer}}", False),
        ("true", False),
    ],
)
def test_open_objects(tmp_path: Path, schema: str, found: bool) -> None:
    expected = [("specs/all.yaml:4:1", "`input` of `ask` takes any further member")] if found else []
    assert told(tmp_path, "GA601", specs=f"{INTENT}input: {schema}\n") == expected


@pytest.mark.parametrize(
    ("member", "found"),
    [
        ("{type: string}", True),
        ("{type: [string, 'null']}", True),
        ("{type: array, items: {}}", True),
        ("{type: string, maxLength: 9}", False),
        ("{type: string, pattern: '^a$'}", False),
        ("{type: string, format: date}", False),
        ("{enum: [a, b]}", False),
        ("{type: array, maxItems: 3}", False),
        ("{type: integer}", False),
        ("true", False),
    ],
)
def test_unbounded(tmp_path: Path, member: str, found: bool) -> None:
    schema = f"{{type: object, properties: {{n: {{type: integer}}, x: {member}}}}}"
    expected = [("specs/all.yaml:4:56", "no bounds for `x` of `ask`")] if found else []
    assert told(tmp_path, "GA602", specs=f"{INTENT}input: {schema}\n") == expected


def test_one_finding_an_intent(tmp_path: Path) -> None:
    schema = "{type: object, properties: {a: {type: string}, b: {type: string}}}"
    assert [message for _, message in told(tmp_path, "GA602", specs=f"{INTENT}input: {schema}\n")] == ["no bounds for `a`, `b` of `ask`"]
