"""Personal data is found however it is written, what only looks like it is left, and no text takes long."""

from __future__ import annotations

import string
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.free_text import KINDS, FreeText, PersonalKind
from gateway.policies.iban_lengths import IBAN_LENGTHS

HIDE = FreeText()


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.org", "a.b+c@x-y.co.uk", "müller@bücher.example", "o'brien@example.ie", "x_y@sub.sub.example.org",
        "ann\uff20example.org", "ann@example\u3002org", "李@例子.测试",
    ],
)  # fmt: skip
def test_addresses(text: str) -> None:
    assert HIDE(text) == "[email]"
    assert HIDE(f"Mail to <{text}>, please.") == "Mail to <[email]>, please."
    assert HIDE(f"to={text}&x={text}") == "to=[email]&x=[email]"


@pytest.mark.parametrize("text", ["ann@localhost", "@", "a@", "@b.c", "a@.b", "a@b..c", "a @ b.c", "@channel.all", "x@-", "1@"])
def test_what_is_no_address(text: str) -> None:
    assert HIDE(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "+49 171 1234567", "+491711234567", "+49 (0)171 1234567", "+49-171-123-45-67", "+1 555 234 5678", "+44 20 7946 0958",
        "0049 171 1234567", "00491711234567", "(030) 123-4567", "030/1234567", "030 1234567", "0171-1234567", "089 / 12 34 56 78",
        "(555) 234-5678", "555-234-5678", "555.234.5678", "1-555-234-5678",
        "\uff15\uff15\uff15-\uff12\uff13\uff14-\uff15\uff16\uff17\uff18",
        "+49\u00a0171\u00a01234567", "+49\u2011171\u20111234567", "\u0660\u0661\u0667\u0661 \u0661\u0662\u0663\u0664\u0665\u0666\u0667",
        "+49\u200b171\u200b1234567",
    ],
)  # fmt: skip
def test_telephone_numbers(text: str) -> None:
    assert HIDE(text) == "[phone]"
    assert HIDE(f"Call {text}, now") == "Call [phone], now"


@pytest.mark.parametrize(
    "text",
    [
        "order 4500012345", "0045001234", "0000012345", "2026-11-20T10:11:12.123456Z", "2026/11/20 2026/11/21", "01.02.2026 12:30",
        "550e8400-e29b-41d4-a716-446655440000", "0.1234567890", "10.0.0.127", "1234567890123", "01J9Z3ABCDEF01234567890123",
        "1.234.567,89", "1,234,567", "v1.2.3456789", "1700000000", "4bf92f3577b34da6a3ce929d0e0e4736", "12 345 678 90",
        "1 2 3 4 5 6 7 8 9", "A-030-1234567", "SKU 0171_1234567", "#555-234-5678", "50.000.000", "x+1234", "1007",
    ],
)  # fmt: skip
def test_numbers_that_are_something_else(text: str) -> None:
    assert HIDE(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "de89370400440532013000", "GB82 WEST 1234 5698 7654 32",
        "FR1420041010050500013M02606", "NO93 8601 1117 947", "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "CH93-0076-2011-6238-5295-7",
        "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
    ],
)  # fmt: skip
def test_ibans(text: str) -> None:
    assert HIDE(text) == "[iban]"
    assert HIDE(f"from {text} to you") == "from [iban] to you"
    assert HIDE(f"ID12 {text}.") == "ID12 [iban]."


@pytest.mark.parametrize(
    "text",
    [
        "DE89370400440532013001",
        "DE8937040044053201300",
        "DE893704004405320130000",
        "XX89370400440532013000",
        "ADE89370400440532013000",
        "DE8",
    ],
)
def test_what_is_no_iban(text: str) -> None:
    assert HIDE(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "5555 5555 5555 4444", "2223003122003222", "378282246310005",
        "3782 822463 10005", "6011111111111117", "30569309025904", "3530111333300000", "6200000000000005", "4222222222222",
        "4111\u00a01111\u00a01111\u00a01111", "\uff14\uff11\uff11\uff11 1111 1111 1111",
    ],
)  # fmt: skip
def test_card_numbers(text: str) -> None:
    assert HIDE(text) == "[card]"
    assert HIDE(f"Order 7 {text} 12/27") == "Order 7 [card] 12/27"


@pytest.mark.parametrize(
    "text", ["4111111111111112", "1111111111111117", "411111111111111", "x4111111111111111", "4111111111111111a", "41 11 11 11 11 11 11 11"]
)
def test_what_is_no_card_number(text: str) -> None:
    assert HIDE(text) == text


def test_only_what_is_asked_for_is_hidden() -> None:
    text = "ann@example.org +49 171 1234567 DE89370400440532013000 4111111111111111"
    told: dict[PersonalKind, str] = {kind: FreeText([kind])(text) for kind in KINDS}
    for kind in KINDS:
        assert told[kind].count("[") == 1
        assert f"[{kind}]" in told[kind]
    assert HIDE(text) == "[email] [phone] [iban] [card]"


def test_several_in_one_text_and_what_overlaps() -> None:
    assert HIDE("a@b.co,c@d.co;+49 171 1234567/ DE89370400440532013000") == "[email],[email];[phone]/ [iban]"
    assert "4111" not in HIDE("4111111111111111@example.org")
    assert "4111" not in HIDE("+4111111111111111")


@given(st.text(max_size=80))
def test_any_text_is_gone_through_twice_the_same(text: str) -> None:
    shown = HIDE(text)
    spans = HIDE.found(text)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    assert (shown == text) is (not spans)


@given(
    st.text(alphabet=string.ascii_letters + " ", max_size=20),
    st.sampled_from(["ann@example.org", "+491711234567", "DE89370400440532013000", "4111111111111111"]),
    st.text(alphabet=" ,;!?\n", min_size=1, max_size=3),
)
def test_nothing_of_it_is_left_whatever_stands_round_it(before: str, personal: str, after: str) -> None:
    assert personal[:-1] not in HIDE(f"{before} {personal}{after}{before}")


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "411 ", "@", "a@", "a", "00 ", "+1", "DE89", "DE89 ", "030 12 ", "x@y.", "0-", "(", "4111 1111 1111 1112 ", "\u0661\u200b"],
)
def test_no_text_takes_long(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.perf_counter()
        HIDE(text)
        return time.perf_counter() - start

    small = min(seconds(2_000) for _ in range(3))
    assert min(seconds(16_000) for _ in range(2)) < 40 * small + 0.02  # eight times as much; the square of it would be 64


def test_the_lengths_of_ibans() -> None:
    assert (IBAN_LENGTHS["DE"], IBAN_LENGTHS["NO"], IBAN_LENGTHS["MT"]) == (22, 15, 31)
    assert len(IBAN_LENGTHS) > 80
    assert all(len(country) == 2 and 15 <= length <= 34 for country, length in IBAN_LENGTHS.items())
