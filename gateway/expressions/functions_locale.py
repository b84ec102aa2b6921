"""Functions whose result depends on the caller's language: `ctx.locale`, or English where a position has no `ctx`. Data: CLDR, by babel."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import babel
from babel.dates import format_date as format_day
from babel.dates import format_datetime
from babel.numbers import format_currency, get_currency_precision

from gateway.expressions.builtin import Builtin, Complaint, an_object, wrong
from gateway.expressions.functions_date import as_datetime, moment
from gateway.expressions.functions_number import exact, quantized
from gateway.expressions.syntax import Node
from gateway.sdk import ExpressionFault

DEFAULT_LOCALE = "en"
CATEGORIES = frozenset({"zero", "one", "two", "few", "many", "other"})
"""The plural categories of CLDR (Unicode TR 35, Language Plural Rules)."""
_LENGTHS = frozenset({"short", "medium", "long", "full"})
_LONGEST_PATTERN = 100
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_SAMPLE = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)


@lru_cache(maxsize=128)
def locale_of(name: str) -> babel.Locale:
    """The locale of a BCP 47 tag, else of its language, else English."""
    for tag in (name.replace("_", "-"), re.split("[-_]", name)[0], DEFAULT_LOCALE):
        try:
            return babel.Locale.parse(tag, sep="-")
        except (ValueError, babel.UnknownLocaleError):
            continue
    return babel.Locale(DEFAULT_LOCALE)


def located(name: Any) -> babel.Locale:
    """The locale that a request names."""
    return locale_of(name if isinstance(name, str) and len(name) <= 40 else DEFAULT_LOCALE)


def money(locale: Any, amount: Any, currency: Any) -> str:
    """An amount with its currency (ISO 4217), rounded half away from zero to that currency's places."""
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise wrong("money", "a currency code such as EUR")
    value = quantized(exact("money", amount), get_currency_precision(currency))
    return format_currency(value, currency, locale=located(locale))


def format_date(locale: Any, value: Any, pattern: Any) -> str:
    """By a CLDR pattern (`d MMMM y`, `HH:mm`), or `short`, `medium`, `long`, `full`; a time is shown in its own offset."""
    if not isinstance(pattern, str) or len(pattern) > _LONGEST_PATTERN:
        raise wrong("format_date", "a date pattern")
    return _formatted(moment("format_date", value), pattern, located(locale))


def _formatted(when: date, pattern: str, locale: babel.Locale) -> str:
    if pattern in _LENGTHS and not isinstance(when, datetime):
        return format_day(when, pattern, locale=locale)
    exactly = as_datetime(when)
    return format_datetime(exactly, pattern, tzinfo=exactly.tzinfo, locale=locale)


def plural(locale: Any, count: Any, forms: Any) -> Any:
    """The form for a number by CLDR's plural rules; `other` where the language's own is missing."""
    number = exact("plural", count)
    known = an_object("plural", forms)
    operand = number if isinstance(count, str) or number != number.to_integral_value() else int(number)
    return known.get(located(locale).plural_form(operand), known.get("other"))


def categories_of(locale: str) -> frozenset[str]:
    """The plural categories that a language has, `other` always among them."""
    return frozenset(locale_of(locale).plural_form.tags) | {"other"}


def written_forms(node: Node) -> dict[str, Node] | None:
    """The forms of `plural` as far as they are written down: `{one: …, other: …}`, or a literal object."""
    if node["type"] == "multi_select_dict":
        return {child["value"]: child["children"][0] for child in node["children"]}
    if node["type"] == "literal" and isinstance(node["value"], dict):
        return dict.fromkeys(node["value"], node)
    return None


def _money_complaint(arguments: list[Node]) -> Complaint | None:
    currency = arguments[1]
    if currency["type"] != "literal" or (isinstance(currency["value"], str) and _CURRENCY.fullmatch(currency["value"])):
        return None
    return Complaint("GW204", "money() needs a currency code", "three capitals of ISO 4217, such as 'EUR'", 1)


def _pattern_complaint(arguments: list[Node]) -> Complaint | None:
    pattern = arguments[1]
    if pattern["type"] != "literal":
        return None
    try:
        format_date(DEFAULT_LOCALE, _SAMPLE, pattern["value"])
    except (ValueError, KeyError, AttributeError, TypeError, ExpressionFault):
        pass
    else:
        return None
    return Complaint("GW204", "format_date() can't read this pattern", "a CLDR pattern such as 'd MMMM y', or 'short', 'long'", 1)


def _forms_complaint(arguments: list[Node]) -> Complaint | None:
    forms = written_forms(arguments[1])
    unknown = sorted(set(forms or ()) - CATEGORIES)
    if not unknown:
        return None
    return Complaint("GW204", f"`{unknown[0]}` is no plural form", f"the forms are {', '.join(sorted(CATEGORIES))}", 1)


BUILTINS = (
    Builtin(
        name="money",
        function=money,
        minimum=2,
        maximum=2,
        returns="text",
        needs="locale",
        builds=True,
        check=_money_complaint,
        summary="An amount with its currency, as the caller's language writes it.",
    ),
    Builtin(
        name="format_date",
        function=format_date,
        minimum=2,
        maximum=2,
        returns="text",
        needs="locale",
        builds=True,
        check=_pattern_complaint,
        summary="A date or time in the caller's language.",
    ),
    Builtin(
        name="plural",
        function=plural,
        minimum=2,
        maximum=2,
        needs="locale",
        check=_forms_complaint,
        summary="The form of a word for a number, by the language's rules.",
    ),
)
