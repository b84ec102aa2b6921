"""RFC 9111 and RFC 5861 as backends write them, and as they ought not to."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.policies.freshness import LONGEST, Terms, control_of, http_date, is_private, same_validator, terms_of, varies

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE = "Fri, 20 Nov 2026 12:00:00 GMT"
SOON = "Fri, 20 Nov 2026 12:01:00 GMT"


def terms(cache_control: str | None = None, *, shared: bool = True, took: float = 0.0, **headers: str) -> Terms:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if cache_control is not None:
        named["cache-control"] = cache_control
    return terms_of(named, shared=shared, took=took, now=NOW)


@pytest.mark.parametrize(
    ("control", "headers", "fresh"),
    [
        # RFC 9111 section 4.2.1, in its order
        ("max-age=60", {}, 60),
        ("MAX-AGE=60", {}, 60),
        ('max-age="60"', {}, 60),
        ("max-age=60, s-maxage=10", {}, 10),
        ("s-maxage=10", {"expires": SOON, "date": HERE}, 10),
        ("max-age=5", {"expires": SOON, "date": HERE}, 5),
        (None, {"expires": SOON, "date": HERE}, 60),
        (None, {"expires": SOON}, 60),
        (None, {"expires": HERE, "date": SOON}, 0),
        (None, {}, 0),
        (None, {"last_modified": "Fri, 20 Nov 2025 12:00:00 GMT"}, 0),
        ("no-cache", {"expires": SOON}, 0),
        ("no-cache, max-age=60", {}, 0),
        ('no-cache="set-cookie", max-age=60', {}, 0),
        ("public, max-age=0", {}, 0),
        # what can't be read counts as the shorter time
        ("max-age=-1", {}, 0),
        ("max-age=1.5", {}, 0),
        ("max-age=1e9", {}, 0),
        ("max-age=NaN", {}, 0),
        ("max-age=inf", {}, 0),
        ("max-age=", {}, 0),
        ("max-age", {}, 0),
        ("max-age=\u0666\u0660", {}, 0),
        ("max-age=60s", {}, 0),
        ("max-age=60, max-age=60", {}, 60),
        ("max-age=60, max-age=3600", {}, 0),
        ("max-age=3600, Max-Age=60", {}, 0),
        ("max-age=" + "9" * 5000, {}, None),
        ("max-age=" + "9" * 400, {}, LONGEST),
        ("max-age=4294967296", {}, LONGEST),
        (None, {"expires": "0"}, 0),
        (None, {"expires": "-1"}, 0),
        (None, {"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        (None, {"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST),
        (None, {"expires": f"{SOON}, {SOON}"}, 0),
        (None, {"expires": "soon"}, 0),
    ],
)
def test_how_long_an_answer_is_fresh(control: str | None, headers: dict[str, str], fresh: float | None) -> None:
    found = terms(control, **headers)
    if fresh is None:
        assert not found.kept
    else:
        assert (found.kept, found.fresh) == (True, fresh)


def test_a_cache_of_one_caller_heeds_no_words_for_shared_ones() -> None:
    own = terms("max-age=60, s-maxage=10, proxy-revalidate", shared=False)
    assert (own.fresh, own.strict) == (60, False)


@pytest.mark.parametrize(
    ("headers", "took", "age"),
    [
        ({}, 0, 0),
        ({"age": "30"}, 0, 30),
        ({"age": "30"}, 2, 32),
        ({"date": "Fri, 20 Nov 2026 11:59:00 GMT"}, 0, 60),
        ({"date": "Fri, 20 Nov 2026 11:59:00 GMT", "age": "90"}, 1, 91),
        ({"date": SOON}, 0, 0),
        ({"date": "yesterday"}, 0, 0),
        ({"age": "-5"}, 0, 0),
        ({"age": "NaN"}, 0, 0),
        ({"age": "1e5"}, 0, 0),
        ({"age": "10, 20"}, 0, 10),
        ({"age": "9" * 300}, 0, LONGEST),
    ],
)
def test_how_old_an_answer_is_when_it_comes(headers: dict[str, str], took: float, age: float) -> None:
    assert terms("max-age=60", took=took, **headers).age == age


@pytest.mark.parametrize(
    ("control", "headers", "shared", "kept"),
    [
        ("no-store", {}, False, False),
        ("no-store, max-age=60", {}, True, False),
        ("NO-STORE", {}, False, False),
        ("max-age=60 no-store", {}, True, False),
        ("private, max-age=60", {}, True, False),
        ("private, max-age=60", {}, False, True),
        ('private="x-name", max-age=60', {}, True, False),
        ("max-age=60", {"set_cookie": "id=1"}, True, False),
        ("max-age=60", {"set_cookie": "id=1"}, False, True),
        ("max-age=60", {"vary": "*"}, False, False),
        ("max-age=60", {"vary": "accept, *"}, False, False),
        ("max-age=60", {"vary": "Accept-Language, Accept-Encoding"}, True, True),
        ("max-age=60", {"vary": "Traceparent"}, True, False),
        ("max-age=60", {"vary": "X-Deadline-Ms"}, True, False),
        ('max-age=60, ext="no-store"', {}, True, True),
        ('max-age=60, ext="unended', {}, True, False),
        ("x" * 5000, {}, False, False),
        ("", {}, True, True),
        (",,;=,", {}, True, True),
    ],
)
def test_what_may_be_kept(control: str, headers: dict[str, str], shared: bool, kept: bool) -> None:
    assert terms(control, shared=shared, **headers).kept is kept


@pytest.mark.parametrize(
    ("control", "strict", "revalidate", "error"),
    [
        ("max-age=1", False, None, None),
        ("max-age=1, stale-while-revalidate=5, stale-if-error=50", False, 5, 50),
        ("max-age=1, must-revalidate", True, None, None),
        ("max-age=1, proxy-revalidate", True, None, None),
        ("no-cache", True, None, None),
        ("s-maxage=1", True, None, None),
        ("s-maxage=1, stale-while-revalidate=5", False, 5, None),
        ("s-maxage=1, stale-if-error=5, must-revalidate", True, None, 5),
        ("max-age=1, stale-if-error=soon", False, None, 0),
        ("max-age=1, stale-while-revalidate", False, 0, None),
        ("max-age=1, stale-if-error=99999999999", False, None, LONGEST),
    ],
)
def test_what_a_backend_says_of_stale_answers(control: str, strict: bool, revalidate: float | None, error: float | None) -> None:
    found = terms(control)
    assert (found.strict, found.while_revalidate, found.if_error) == (strict, revalidate, error)


def test_validators_are_taken_as_they_are_unless_they_are_monstrous() -> None:
    found = terms(etag='W/"a, b"', last_modified=HERE)
    assert (found.etag, found.modified) == ('W/"a, b"', HERE)
    assert terms(etag='"' + "a" * 2000 + '"').etag is None
    assert terms(etag="").etag is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [('"a"', '"a"', True), ('W/"a"', '"a"', True), ('"a"', '"b"', False), ('"a"', None, True), (None, '"a"', True)],
)
def test_entity_tags_are_compared_weakly(one: str | None, other: str | None, same: bool) -> None:
    assert same_validator(one, other) is same


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-26 08:49:37 GMT", datetime(2026, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sun Nov  6 08:49:37 1994", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sat, 31 Dec 2016 23:59:60 GMT", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Foo 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 25:49:37 GMT", None),
        ("Sun, 06 Nov 0000 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 +0100", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT trailing", None),
        ("Sun, \u0660\u0666 Nov 1994 08:49:37 GMT", None),
        ("1994-11-06T08:49:37Z", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_dates(written: str, date: datetime | None) -> None:
    assert http_date(written) == date


words = st.sampled_from(
    ["max-age", "s-maxage", "no-store", "private", "no-cache", "=", ",", '"', "60", "-1", "9" * 30, ";", " ", "\x00", "é", "stale-if-error"]
)


@given(st.lists(words).map("".join) | st.text(), st.text(max_size=60), st.text(max_size=60), st.booleans())
@example("max-age=60,,,max-age", "Fri, 20 Nov 2026 12:00:60 GMT", "١", True)
def test_no_header_does_any_harm(control: str, expires: str, age: str, shared: bool) -> None:
    found = terms(control, shared=shared, expires=expires, date=expires, age=age, vary=age)
    numbers: list[Any] = [found.age, found.fresh, found.while_revalidate or 0.0, found.if_error or 0.0]
    assert all(math.isfinite(each) and each >= 0 for each in numbers)
    assert max(found.fresh, found.while_revalidate or 0, found.if_error or 0) <= LONGEST
    if "no-store" in control_of(control):
        assert not found.kept


def test_who_is_meant() -> None:
    assert is_private(control_of("private"), {})
    assert is_private(control_of("max-age=1"), {"set-cookie": ""})
    assert is_private(control_of('"'), {})
    assert not is_private(control_of(None), {})
    assert varies({"vary": " * "})
    assert not varies({})
