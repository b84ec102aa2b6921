"""Refusals of HTTP's own speak the vocabulary of errors."""

from __future__ import annotations

from gateway.sdk import ERRORS_BY_CODE, InvalidRequest, TooLarge
from gateway.server.refusals import HeadTooLarge, MethodNotAllowed, TooSlow, UnsupportedMediaType


def test_they_have_codes_of_the_vocabulary_and_leave_it_as_it_is() -> None:
    assert [error.code for error in (UnsupportedMediaType(), MethodNotAllowed(["GET"]), TooSlow())] == ["invalid_request"] * 3
    assert HeadTooLarge().code == "too_large"
    assert (ERRORS_BY_CODE["invalid_request"], ERRORS_BY_CODE["too_large"]) == (InvalidRequest, TooLarge)


def test_a_refused_method_knows_the_allowed_ones() -> None:
    assert MethodNotAllowed(["GET", "HEAD"]).allowed == ("GET", "HEAD")
