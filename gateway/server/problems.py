"""Errors as HTTP: the status of each, and its body (RFC 9457, interfaces §1). No other file decides a status."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil, inf
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from gateway.sdk import (
    BackendError,
    BadResponse,
    Cancelled,
    CircuitOpen,
    Conflict,
    ErrorEntry,
    ExpressionFault,
    Forbidden,
    GatewayError,
    InvalidRequest,
    Maintenance,
    Malformed,
    MissingArgument,
    NotFound,
    Overloaded,
    PluginFault,
    RateLimited,
    Reply,
    Timeout,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from gateway.server.outgoing import Outgoing
from gateway.server.refusals import HeadTooLarge, MethodNotAllowed, TooSlow, UnsupportedMediaType, UriTooLong

STATUSES: dict[type[BaseException], int] = {
    InvalidRequest: 422,
    Malformed: 400,
    UnsupportedMediaType: 415,
    MethodNotAllowed: 405,
    TooSlow: 408,
    UriTooLong: 414,
    HeadTooLarge: 431,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    RateLimited: 429,
    MissingArgument: 422,
    BackendError: 502,
    BadResponse: 502,
    Unavailable: 503,
    Timeout: 504,
    CircuitOpen: 503,
    Overloaded: 503,
    ExpressionFault: 502,
    PluginFault: 503,
    Cancelled: 503,
    Maintenance: 503,
}

TITLES: dict[int, str] = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    422: "Unprocessable Content",
}
"""The phrases of RFC 9110, which Python's own are in some versions only."""

CONTENT_TYPE = b"application/problem+json"
CHALLENGE = b'ApiKey realm="gateway"'
LONGEST_RETRY_AFTER = 3600.0
"""Seconds; the shortest is one, and stands where nothing is known."""

NO_RETRY = (b"x-should-retry", b"false")
"""What the clients of OpenAI and Anthropic read; and this gateway, where it stands before another (`gateway.runtime.retry_advice`)."""

INTERNAL = "internal"
"""The code of a fault of the gateway itself, which the vocabulary of errors doesn't know."""


class Fault(msgspec.Struct, frozen=True):
    """One entry of `errors[]`, as callers see it. `source` is for those with the permission `trace`."""

    step: str | None
    code: str
    detail_code: str | None
    message: str
    retryable: bool
    path: str | None
    source: str | UnsetType | None = UNSET


class Problem(msgspec.Struct, frozen=True):
    """The body. `type` is `about:blank`: `code` tells what went wrong, and `title` is the status's own phrase."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[Fault]
    detail_code: str | UnsetType = UNSET
    reply: Reply | UnsetType = UNSET
    decision: dict[str, Any] | UnsetType = UNSET


_encode = msgspec.json.Encoder().encode


def status_of(error: GatewayError) -> int:
    """The HTTP status of an error: that of its class, or of the nearest one above it."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def faults(entries: list[ErrorEntry], *, traced: bool) -> list[Fault]:
    """`errors[]` of an answer."""
    return [
        Fault(entry.step, entry.code, entry.detail_code, entry.message, entry.retryable, entry.path, entry.source if traced else UNSET)
        for entry in entries
    ]


def problem(
    error: GatewayError,
    request_id: str,
    *,
    errors: list[Fault] | None = None,
    reply: Reply | None = None,
    decision: dict[str, Any] | UnsetType = UNSET,
) -> Outgoing:
    """The response to a request that failed; details of the error become further entries of `errors[]`.

    `decision` tells a caller with the permission `trace` by which line the request was allowed or denied.
    """
    status = status_of(error)
    body = Problem(
        type="about:blank",
        title=TITLES[status],
        status=status,
        detail=error.message,
        code=error.code,
        request_id=request_id,
        errors=[*(errors or ()), *(_detail(error, detail) for detail in error.details if "message" in detail)],
        detail_code=error.detail_code if error.detail_code is not None else UNSET,
        reply=reply if reply is not None else UNSET,
        decision=decision,
    )
    return Outgoing(status, _encode(body), CONTENT_TYPE, (*headers_of(error, status), (b"x-request-id", request_id.encode())))


def internal_problem(request_id: str, reply: Reply | None = None) -> Outgoing:
    """The response to a fault of the gateway itself: what it was stands in the log under the same id."""
    said = reply if reply is not None else UNSET
    body = Problem("about:blank", TITLES[500], 500, "The gateway failed.", INTERNAL, request_id, [], reply=said)
    return Outgoing(500, _encode(body), CONTENT_TYPE, ((b"x-request-id", request_id.encode()),))


def _detail(error: GatewayError, detail: dict[str, Any]) -> Fault:
    pointer = detail.get("pointer")
    return Fault(None, error.code, None, str(detail["message"]), False, pointer if isinstance(pointer, str) else None)


def _challenges(error: GatewayError) -> list[bytes]:
    """What tells a caller how to get in; without any identity kind there is still something to say (RFC 9110 §15.5.2)."""
    told = error.challenges if isinstance(error, Unauthorized) else ()
    return [challenge.encode("latin-1", "replace") for challenge in told] or [CHALLENGE]


def headers_of(error: GatewayError, status: int) -> list[tuple[bytes, bytes]]:
    """The headers that a response of this status must have (RFC 9110 §11.6.1, §10.2.3, §10.2.1), and whether to ask again."""
    headers = []
    if status == 401:
        headers += [(b"www-authenticate", challenge) for challenge in _challenges(error)]
    if status in (429, 503) or (status == 409 and error.retry_after is not None):
        headers.append((b"retry-after", _retry_after(error)))
    if status >= 500 and error.settled:
        headers.append(NO_RETRY)
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", ", ".join(error.allowed).encode()))
    if isinstance(error, TooSlow):
        headers.append((b"connection", b"close"))
    return headers


def _retry_after(error: GatewayError) -> bytes:
    """The gateway's own limits are told as they are, however long a quota's month is still to last."""
    longest = inf if isinstance(error, RateLimited) else LONGEST_RETRY_AFTER
    return b"%d" % ceil(min(max(1.0, error.retry_after or 1.0), longest))
