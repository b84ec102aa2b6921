from __future__ import annotations

from typing import Any

import pytest

from gateway.runtime.business_errors import business_code, business_message

TELLING = (
    "Traceback (most recent call last):\n  File x",
    "Connection to 10.0.0.7 refused",
    "connect db.prod:5432 failed",
    "no route to fe80:0:0:0:1:2:3:4",
    "GET https://erp.example/orders failed",
    "POST /internal/tickets failed with 500",
    "can't open C:\\app\\orders.py",
    "SELECT * FROM invoice_lines",
    "syntax error in select a from b where c = 1",
    "OperationalError in line 7",
    "NullPointerException at com.acme.Orders.find(Orders.java:7)",
    "erp.internal didn't answer",
    "localhost refused",
    "two\nlines",
    "a\x00b",
    "right to \u202e left",
    "x" * 501,
    "",
)


@pytest.mark.parametrize("text", TELLING)
def test_a_message_that_tells_of_the_inside_is_not_read(text: str) -> None:
    assert business_message(text, 400) is None


@pytest.mark.parametrize(
    "text",
    ["Sold out", "Die Bestellung 1007 ist gesperrt.", "Nur 3/4 verfügbar, ab 10:30 Uhr wieder.", "Please select one from the list."],
)
def test_a_sentence_is_read_where_the_backend_knew_what_happened(text: str) -> None:
    assert [business_message(text, status) for status in (200, 400, 409, 422)] == [text] * 4
    assert [business_message(text, status) for status in (500, 502, 503, 599)] == [None] * 4


@pytest.mark.parametrize("value", [None, True, 7, ["x"], {"a": "b"}])
def test_a_message_is_a_text(value: Any) -> None:
    assert business_message(value, 400) is None


@pytest.mark.parametrize("value", ["E17", "order.locked", "V1/302", "42", 42, -5, "x" * 64])
def test_a_code_is_a_word(value: Any) -> None:
    assert business_code(value) == str(value)


@pytest.mark.parametrize(
    "value", ["", "two words", "x" * 65, "a\n", "http://x", "10.0.0.7", "db:5432", "/srv/app", True, 1.5, None, {}, "é"]
)
def test_nothing_else_is_a_code(value: Any) -> None:
    assert business_code(value) is None
