"""The rules about claims, one by one. What tokens as a whole do is in `test_jwt_forgeries.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.policies.jwt_claims import Expected, Misfit, check_audience, check_claims, check_header, check_times
from tests.policies.tokens import AUDIENCE, ISSUER, NOON, NOW, claims_of

EXPECTED = Expected(ISSUER, frozenset({AUDIENCE}), 30.0)


def test_a_good_token_is_good_until_its_end_and_the_leeway() -> None:
    assert check_claims({}, claims_of(), EXPECTED, NOON) == NOON + timedelta(seconds=330)


@pytest.mark.parametrize(("exp", "now", "good"), [(0, -1, True), (0, 0, False), (0.5, 0, True), (0.5, 0.5, False)])
def test_the_second_of_the_end_is_too_late(exp: float, now: float, good: bool) -> None:
    """RFC 7519 §4.1.4: on or after."""
    moment = NOON + timedelta(seconds=now)
    if good:
        check_times({"exp": NOW + exp}, 0.0, moment)
    else:
        with pytest.raises(Misfit, match="expired"):
            check_times({"exp": NOW + exp}, 0.0, moment)


def test_the_end_of_time_is_no_overflow() -> None:
    assert check_times({"exp": 253_402_300_799}, 30.0, NOON) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("chat", True), (["shop", "chat"], True), (["shop"], False), ([], False), ("", False), (None, False), ("chats", False),
        (["chat", None], False), ({"chat": 1}, False), (7, False), ([["chat"]], False),
    ],
)  # fmt: skip
def test_audience(written: Any, ours: bool) -> None:
    assert check_audience(written, {"chat", "web"}) is ours


def test_another_issuer_is_told_first() -> None:
    with pytest.raises(Misfit, match="issuer"):
        check_claims({}, claims_of(iss=ISSUER + "/", aud="other"), EXPECTED, NOON)


def test_what_is_missing_is_named_and_null_is_missing() -> None:
    expected = Expected(ISSUER, frozenset({AUDIENCE}), required=frozenset({"jti", "email", "sub"}))
    with pytest.raises(Misfit, match="without email, jti"):
        check_claims({}, claims_of() | {"email": None}, expected, NOON)


@pytest.mark.parametrize("typ", ["at+jwt", "application/AT+JWT"])
def test_an_access_token_that_says_so_may_hold_what_it_likes(typ: str) -> None:
    check_header({"typ": typ})
    check_claims({"typ": typ}, claims_of(nonce="n", azp=AUDIENCE, scope=None), EXPECTED, NOON)


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [None, True, "1", [1], -1, 10**18, float(10**15)])
def test_a_time_is_a_number_of_seconds(name: str, value: Any) -> None:
    with pytest.raises(Misfit, match=name):
        check_times({"exp": NOW + 300, name: value}, 30.0, NOON)
