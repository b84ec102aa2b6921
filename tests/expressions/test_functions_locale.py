from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions.functions_locale import categories_of, locale_of
from tests.expressions.evaluation import fails, value

FORMS = "{zero: 'zero', one: 'one', two: 'two', few: 'few', many: 'many', other: 'other'}"


def local(text: str, locale: Any, **fields: Any) -> Any:
    return value(text, {"input": fields, "ctx": {"locale": locale}})


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        ("10.50", "EUR", "de-DE", "10,50\xa0€"),
        ("10.505", "EUR", "en", "€10.51"),
        ("-10.505", "EUR", "en", "-€10.51"),
        (1234567, "USD", "en-US", "$1,234,567.00"),
        (5.4, "JPY", "en", "¥5"),
        ("1.0005", "BHD", "en", "BHD1.001"),
        (0, "EUR", "de", "0,00\xa0€"),
        (1, "XXZ", "en", "XXZ1.00"),
    ],
)
def test_money(amount: Any, currency: str, locale: str, written: str) -> None:
    assert local("money(input.a, input.c)", locale, a=amount, c=currency) == written


@pytest.mark.parametrize(
    ("when", "pattern", "locale", "written"),
    [
        ("2026-11-20", "d MMMM", "en", "20 November"),
        ("2026-11-20", "d. MMMM y", "de", "20. November 2026"),
        ("2026-03-01", "d. MMMM", "de-AT", "1. März"),
        ("2026-11-20T13:05:00+02:00", "HH:mm", "de", "13:05"),
        ("2026-11-20T13:05:00Z", "EEEE", "fr", "vendredi"),
        ("2026-11-20", "short", "en", "11/20/26"),
        ("2026-11-20", "long", "de", "20. November 2026"),
        ("2026-11-20T13:05:00Z", "short", "de", "20.11.26, 13:05"),
        ("2026-11-20", "HH:mm", "en", "00:00"),
    ],
)
def test_dates(when: str, pattern: str, locale: str, written: str) -> None:
    assert local("format_date(input.d, input.p)", locale, d=when, p=pattern) == written


@pytest.mark.parametrize(
    ("count", "locale", "form"),
    [
        (1, "en", "one"),
        (0, "en", "other"),
        (1.0, "en", "one"),
        ("1.0", "en", "other"),
        (1.5, "en", "other"),
        (-1, "en", "one"),
        (0, "fr", "one"),
        (1, "ja", "other"),
        (3, "ru", "few"),
        (5, "ru", "many"),
        (21, "ru", "one"),
        (0, "ar", "zero"),
        (2, "ar", "two"),
        ("2", "ar", "two"),
    ],
)
def test_plural(count: Any, locale: str, form: str) -> None:
    assert local(f"plural(input.n, {FORMS})", locale, n=count) == form


def test_a_form_that_a_language_lacks_is_other() -> None:
    assert local("plural(input.n, {one: 'a', other: 'b'})", "ru", n=5) == "b"
    assert local("plural(input.n, input.forms)", "en", n=5, forms={"one": "a"}) is None


@pytest.mark.parametrize("locale", [None, "", "xx-YY", "not a locale", "../../etc/passwd", "x" * 5_000, 5, ["de"]])
def test_an_unknown_locale_is_english(locale: Any) -> None:
    assert local("money(`1`, 'EUR')", locale) == "€1.00"


def test_without_ctx_it_is_english() -> None:
    assert value("money(`1`, 'EUR')", {}) == "€1.00"


@pytest.mark.parametrize(("tag", "language"), [("de_AT", "de"), ("de-XX", "de"), ("zh-Hant-TW", "zh"), ("EN-us", "en")])
def test_locales_are_read_leniently(tag: str, language: str) -> None:
    assert locale_of(tag).language == language


@pytest.mark.parametrize(("locale", "count"), [("en", 2), ("ja", 1), ("ar", 6), ("ru", 4)])
def test_categories(locale: str, count: int) -> None:
    assert len(categories_of(locale)) == count
    assert "other" in categories_of(locale)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("money(`1`, input.bad)", "money() needs a currency code such as EUR."),
        ("money('x', 'EUR')", "money() needs numbers."),
        ("format_date('x', 'd')", "format_date() needs a date or time in ISO 8601."),
        ("format_date('2026-11-20', input.long)", "format_date() needs a date pattern."),
        ("format_date('2026-11-20', input.odd)", "An expression could not be evaluated: a value of the wrong kind."),
        ("plural('x', {one: 'a', other: 'b'})", "plural() needs numbers."),
        ("plural(`1`, 'x')", "plural() needs an object."),
    ],
)
def test_faults(text: str, message: str) -> None:
    assert fails(text, bad="€", long="d" * 200, odd="qqqqqqq") == message
