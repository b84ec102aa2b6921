"""The runtime errors, drawn as a tree.

    GatewayError
    ├── RequestError            the caller's doing
    │   ├── InvalidRequest      invalid_request
    │   │   └── Malformed       invalid_request, before anything was looked up or done
    │   ├── Unauthorized        unauthorized
    │   ├── Forbidden           forbidden
    │   ├── NotFound            not_found
    │   ├── Conflict            conflict
    │   ├── TooLarge            too_large
    │   ├── RateLimited         rate_limited
    │   └── MissingArgument     missing_argument
    ├── BackendFailure          a backend's doing, or the way to it
    │   ├── BackendError        backend_error
    │   ├── BadResponse         bad_response
    │   ├── Unavailable         unavailable
    │   ├── Timeout             timeout
    │   ├── CircuitOpen         circuit_open
    │   └── Overloaded          overloaded
    ├── ExpressionFault         expression_error
    ├── PluginFault             plugin_error
    ├── Cancelled               cancelled
    └── Maintenance             maintenance

The code of each class is the vocabulary of language §4 and is what a caller reads; the server maps it to a status in one place.
A `message` may reach a caller: it never holds a URL, a host, SQL, a secret or raw backend text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class GatewayError(Exception):
    """A failure with a code of the closed vocabulary.

    `detail_code` is the business's or plugin's own code, `status_code` the backend's HTTP status where there was one,
    `details` structured and public data (for `InvalidRequest`: `[{"pointer": "/input/x", "message": …}]`). `passing` says whether
    another try may succeed: the class's `retryable`, and what a backend's status adds to it.
    `retry_after` is how long to wait before that, in seconds, where it is known; `settled` says that whoever could try again has
    done so, or must not: nobody behind us should (an answer then carries `X-Should-Retry: false`). `private` says that a backend
    told it to one caller alone: it is neither kept for others nor given to them. `unsent` says that a call ended so before any of it was
    sent: a write was surely not done.
    """

    code: ClassVar[str] = "backend_error"
    retryable: ClassVar[bool] = False
    default_message: ClassVar[str] = "The request failed."

    def __init__(
        self,
        message: str | None = None,
        *,
        detail_code: str | None = None,
        status_code: int | None = None,
        details: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__(message or self.default_message)
        self.message = message or self.default_message
        self.detail_code = detail_code
        self.status_code = status_code
        self.details = tuple(details)
        self.passing = self.retryable
        self.retry_after: float | None = None
        self.settled = False
        self.private = False
        self.unsent = False

    def root(self, step: str | None) -> dict[str, Any]:
        """The `error` root of expressions (language §2.6); `step` is the step that failed, as one error may end several."""
        return {
            "code": self.code,
            "detail_code": self.detail_code,
            "status_code": self.status_code,
            "retryable": self.passing,
            "step": step,
        }


class RequestError(GatewayError):
    """The caller's doing: another try with the same request fails the same way."""


class InvalidRequest(RequestError):
    code = "invalid_request"
    default_message = "The request is not valid."


class Malformed(InvalidRequest):
    """Can't be read as a request at all: not JSON, an unknown member, a header that says nothing."""


class Unauthorized(RequestError):
    """`reason` is for the operator's record alone: what was wrong with the credential, without any part of it.

    `challenges` are the values of `WWW-Authenticate` that tell how to get in (RFC 9110 §11.6.1); the gateway fills in those of the
    configured identity kinds where there are none.
    """

    code = "unauthorized"
    default_message = "Authentication is required."

    def __init__(self, message: str | None = None, *, reason: str | None = None, challenges: Sequence[str] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.reason = reason
        self.challenges = tuple(challenges)


class Forbidden(RequestError):
    code = "forbidden"
    default_message = "This is not allowed."


class NotFound(RequestError):
    code = "not_found"
    default_message = "There is no such thing."


class Conflict(RequestError):
    code = "conflict"
    default_message = "The request conflicts with the current state."


class TooLarge(RequestError):
    code = "too_large"
    default_message = "The request is too large."


class RateLimited(RequestError):
    code = "rate_limited"
    retryable = True
    default_message = "Too many requests."


class MissingArgument(RequestError):
    code = "missing_argument"
    default_message = "A required argument has no value."


class BackendFailure(GatewayError):
    """A backend failed, or could not be reached."""


class BackendError(BackendFailure):
    code = "backend_error"
    default_message = "A backend reported a failure."


class BadResponse(BackendFailure):
    code = "bad_response"
    default_message = "A backend's answer could not be read."


class Unavailable(BackendFailure):
    code = "unavailable"
    retryable = True
    default_message = "A backend could not be reached."


class Timeout(BackendFailure):
    code = "timeout"
    retryable = True
    default_message = "A backend did not answer in time."


class CircuitOpen(BackendFailure):
    code = "circuit_open"
    retryable = True
    default_message = "A backend is being left alone after repeated failures."


class Overloaded(BackendFailure):
    code = "overloaded"
    retryable = True
    default_message = "Too much is waiting at the moment."


class ExpressionFault(GatewayError):
    code = "expression_error"
    default_message = "An expression could not be evaluated."


class PluginFault(GatewayError):
    code = "plugin_error"
    default_message = "A plugin failed."


class Cancelled(GatewayError):
    code = "cancelled"
    default_message = "The work was cancelled."


class Maintenance(GatewayError):
    code = "maintenance"
    retryable = True
    default_message = "The service is under maintenance."


def _with_own_code(cls: type[GatewayError]) -> list[type[GatewayError]]:
    below = [found for sub in cls.__subclasses__() for found in _with_own_code(sub)]
    return [cls, *below] if "code" in vars(cls) and cls is not GatewayError else below


ERRORS_BY_CODE: dict[str, type[GatewayError]] = {kind.code: kind for kind in _with_own_code(GatewayError)}
"""The closed vocabulary of error codes (language §4)."""
