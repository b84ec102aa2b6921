"""The one table of statuses, and the body of a problem."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.sdk import (
    ERRORS_BY_CODE,
    BackendError,
    CircuitOpen,
    ErrorEntry,
    GatewayError,
    InvalidRequest,
    Maintenance,
    Malformed,
    NotFound,
    Overloaded,
    RateLimited,
    Reply,
    Timeout,
    Unauthorized,
    Unavailable,
)
from gateway.server.outgoing import Outgoing
from gateway.server.problems import faults, internal_problem, problem, status_of
from gateway.server.refusals import HeadTooLarge, MethodNotAllowed, TooSlow, UnsupportedMediaType

CONTRACT = {
    "invalid_request": 422,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "too_large": 413,
    "rate_limited": 429,
    "backend_error": 502,
    "bad_response": 502,
    "unavailable": 503,
    "timeout": 504,
    "circuit_open": 503,
    "overloaded": 503,
    "expression_error": 502,
    "plugin_error": 503,
    "missing_argument": 422,
    "cancelled": 503,
    "maintenance": 503,
}


def body(outgoing: Outgoing) -> Any:
    return msgspec.json.decode(outgoing.body)


def test_every_code_has_the_status_of_the_contract() -> None:
    assert {code: status_of(kind()) for code, kind in ERRORS_BY_CODE.items()} == CONTRACT


@pytest.mark.parametrize(
    ("error", "status"),
    [(Malformed(), 400), (UnsupportedMediaType(), 415), (MethodNotAllowed(["GET"]), 405), (TooSlow(), 408), (HeadTooLarge(), 431)],
)
def test_http_has_refusals_of_its_own(error: GatewayError, status: int) -> None:
    assert status_of(error) == status
    assert body(problem(error, "r"))["status"] == status


def test_a_plugins_error_has_the_status_of_what_it_is_a_kind_of() -> None:
    class OrderGone(NotFound):
        pass

    assert status_of(OrderGone()) == 404


def test_a_problem_is_that_of_the_contract() -> None:
    error = InvalidRequest("No.", detail_code="intent_unclear", details=[{"pointer": "/input/a", "message": "is required"}, {"other": 1}])
    entries = faults([ErrorEntry("order", "timeout", "Late.", None, retryable=True, source="erp")], traced=False)
    outgoing = problem(error, "r-1", errors=entries, reply=Reply(text="What?"))
    assert (outgoing.status, outgoing.content_type) == (422, b"application/problem+json")
    assert (b"x-request-id", b"r-1") in outgoing.headers
    late = {"step": "order", "code": "timeout", "detail_code": None, "message": "Late.", "retryable": True, "path": None}
    assert body(outgoing) == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "No.",
        "code": "invalid_request",
        "request_id": "r-1",
        "errors": [
            late,
            {
                "step": None,
                "code": "invalid_request",
                "detail_code": None,
                "message": "is required",
                "retryable": False,
                "path": "/input/a",
            },
        ],
        "detail_code": "intent_unclear",
        "reply": {"text": "What?", "blocks": [], "actions": [], "suggestions": []},
    }


def test_only_those_who_may_trace_see_the_source() -> None:
    entry = ErrorEntry("order", "timeout", "Late.", source="erp")
    assert b"erp" not in msgspec.json.encode(faults([entry], traced=False))
    assert msgspec.json.decode(msgspec.json.encode(faults([entry], traced=True)))[0]["source"] == "erp"


@pytest.mark.parametrize(
    ("error", "header"),
    [
        (Unauthorized(), (b"www-authenticate", b'ApiKey realm="gateway"')),
        (Unavailable(), (b"retry-after", b"1")),
        (MethodNotAllowed(["GET", "HEAD"]), (b"allow", b"GET, HEAD")),
        (TooSlow(), (b"connection", b"close")),
    ],
)
def test_some_statuses_say_more_in_a_header(error: GatewayError, header: tuple[bytes, bytes]) -> None:
    assert header in problem(error, "r").headers


def test_each_way_in_is_a_header_of_its_own() -> None:
    error = Unauthorized(challenges=['Bearer realm="gateway", error="invalid_token"', 'ApiKey realm="gateway"'], reason="expired")
    told = problem(error, "r")
    assert [value for name, value in told.headers if name == b"www-authenticate"] == [
        b'Bearer realm="gateway", error="invalid_token"',
        b'ApiKey realm="gateway"',
    ]
    assert b"expired" not in told.body


def test_our_own_fault_tells_nothing() -> None:
    outgoing = internal_problem("r-1")
    assert outgoing.status == 500
    assert body(outgoing) == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "The gateway failed.",
        "code": "internal",
        "request_id": "r-1",
        "errors": [],
    }


@pytest.mark.parametrize(
    ("error", "known", "told"),
    [
        (Overloaded(), None, b"1"),
        (Overloaded(), 0.0, b"1"),
        (Overloaded(), 0.2, b"1"),
        (CircuitOpen(), 12.01, b"13"),
        (RateLimited(), 59.0, b"59"),
        (Maintenance(), 1e9, b"3600"),
        (Unavailable(), float("inf"), b"3600"),
        (Unavailable(), float("nan"), b"1"),
        (Unavailable(), -5.0, b"1"),
        (Timeout(), 12.0, None),
        (BackendError(status_code=503), 12.0, None),
        (NotFound(), 12.0, None),
    ],
)
def test_when_to_ask_again_is_told_where_it_is_known(error: GatewayError, known: float | None, told: bytes | None) -> None:
    error.retry_after = known
    assert dict(problem(error, "r").headers).get(b"retry-after") == told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BackendError(), True),
        (Unavailable(), True),
        (Timeout(), True),
        (NotFound(), False),
        (RateLimited(), False),
        (Unauthorized(), False),
    ],
)
def test_nobody_is_to_multiply_tries_that_are_used_up(error: GatewayError, told: bool) -> None:
    assert b"x-should-retry" not in dict(problem(error, "r").headers)
    error.settled = True
    assert (dict(problem(error, "r").headers).get(b"x-should-retry") == b"false") is told


def test_the_headers_of_a_refusal_stand_beside_each_other() -> None:
    error = MethodNotAllowed(["GET", "HEAD"])
    assert dict(problem(error, "r").headers)[b"allow"] == b"GET, HEAD"
    assert dict(problem(TooSlow(), "r").headers)[b"connection"] == b"close"
