"""How the demo's systems answer, and read numbers."""

from __future__ import annotations

import json

import pytest

from gateway.demo.backends.answers import found, number_between, refused
from gateway.demo.company import OrderLine


def test_structs_become_json() -> None:
    answer = found([OrderLine("LMP-001", 2, "33.90")])
    assert (answer.status_code, answer.media_type) == (200, "application/json")
    assert json.loads(answer.body) == [{"sku": "LMP-001", "quantity": 2, "price": "33.90"}]


def test_refusals_have_code_and_message() -> None:
    answer = refused(409, "key_reused", "No.")
    assert (answer.status_code, json.loads(answer.body)) == (409, {"error": {"code": "key_reused", "message": "No."}})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, 7), ("1", 1), ("50", 50), ("007", 7),
        ("0", None), ("51", None), ("-1", None), ("+1", None), ("", None), ("x", None), ("1.0", None), ("１", None), ("²", None),
        ("9" * 5_000, None),
    ],
)  # fmt: skip
def test_numbers_are_read_within_bounds(text: str | None, number: int | None) -> None:
    assert number_between(text, 1, 50, default=7) == number
