"""What an operation's raw answer means: its value, or its failure (language §3 operation keys, §4 error codes)."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.expressions import is_true
from gateway.policies.freshness import for_one_caller
from gateway.runtime.business_errors import business_code, business_message
from gateway.runtime.retry_advice import forbids_retry, retry_after
from gateway.sdk import (
    BackendError,
    BadResponse,
    Call,
    Clock,
    Compiled,
    Conflict,
    ExpressionFault,
    GatewayError,
    NotFound,
    Operation,
    Response,
    Result,
    SystemClock,
)

_BY_STATUS: dict[int, type[GatewayError]] = {404: NotFound, 409: Conflict}
NOT_MODIFIED = 304
"""What a backend answers where a kept answer is still good: who made the request conditional reads it."""

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class Outcome(msgspec.Struct, frozen=True):
    """The innermost handler of an operation's chain: invokes it and reads the answer.

    `declared` is `dict` or `list` where `output_schema` says object or array: a login page with status 200 is no order.
    """

    operation: Operation
    success: Compiled | None = None
    result: Compiled | None = None
    error_code: Compiled | None = None
    error_message: Compiled | None = None
    declared: type[Any] | None = None
    clock: Clock = SystemClock()

    async def __call__(self, call: Call) -> Result:
        """Raises the failure that the answer stands for."""
        response = await self.operation.invoke(call)
        if response.status_code == NOT_MODIFIED and call.conditions:
            return Result(None, response)
        if not self._succeeded(response):
            raise self._failure(response)
        if self.declared is not None and response.body is not None and not isinstance(response.body, self.declared):
            raise BadResponse("A backend's answer is not of the declared type.", status_code=response.status_code)
        value = response.body if self.result is None else self.result(_roots(response))
        return Result(value, response)

    def _succeeded(self, response: Response) -> bool:
        if self.success is None:
            return 200 <= response.status_code < 300
        return is_true(self.success(_roots(response)))

    def _failure(self, response: Response) -> GatewayError:
        kind = _BY_STATUS.get(response.status_code, BackendError)
        roots = _roots(response)
        error = kind(
            business_message(_quietly(self.error_message, roots), response.status_code),
            detail_code=business_code(_quietly(self.error_code, roots)),
            status_code=response.status_code,
        )
        if kind is BackendError and response.status_code in _PASSING:
            error.passing = True
        error.private = for_one_caller(response.headers)
        if response.status_code >= 400:
            error.retry_after = retry_after(response.headers, self.clock.now())
            error.settled = forbids_retry(response.headers)
        return error


def _roots(response: Response) -> dict[str, Any]:
    return {"body": response.body, "headers": response.headers, "status_code": response.status_code}


def _quietly(expression: Compiled | None, roots: dict[str, Any]) -> Any:
    """An error that can't be read stays a plain failure: its body may be anything."""
    if expression is None:
        return None
    try:
        return expression(roots)
    except ExpressionFault:
        return None
