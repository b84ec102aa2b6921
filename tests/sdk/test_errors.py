from __future__ import annotations

import inspect

import pytest

from gateway.sdk import ERRORS_BY_CODE, BackendFailure, GatewayError, InvalidRequest, RequestError, errors

VOCABULARY = [
    "invalid_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "too_large",
    "rate_limited",
    "backend_error",
    "bad_response",
    "unavailable",
    "timeout",
    "circuit_open",
    "overloaded",
    "expression_error",
    "plugin_error",
    "missing_argument",
    "cancelled",
    "maintenance",
]


def test_the_vocabulary_is_closed_and_each_code_has_one_class() -> None:
    assert sorted(ERRORS_BY_CODE) == sorted(VOCABULARY)


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = inspect.getdoc(errors) or ""
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, GatewayError):
            assert f" {name} " in f"{drawn} ".replace("\n", " "), f"{name} is not drawn"


@pytest.mark.parametrize("code", VOCABULARY)
def test_each_says_something_and_is_the_callers_or_a_backends_doing(code: str) -> None:
    kind = ERRORS_BY_CODE[code]
    error = kind()
    assert error.message.endswith(".")
    assert error.root("s")["code"] == code
    assert not (issubclass(kind, RequestError) and issubclass(kind, BackendFailure))


def test_particulars_are_kept() -> None:
    error = InvalidRequest("No.", detail_code="x", status_code=422, details=[{"pointer": "/a", "message": "b"}])
    assert (str(error), error.details) == ("No.", ({"pointer": "/a", "message": "b"},))
    assert error.root(None) == {"code": "invalid_request", "detail_code": "x", "status_code": 422, "retryable": False, "step": None}
