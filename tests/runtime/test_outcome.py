from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.expressions import compile_expression
from gateway.runtime.outcome import Outcome
from gateway.sdk import RESPONSE_ROOTS, Call, GatewayError, Response
from gateway.testing import call_of


class Given:
    """An operation that answers with one response."""

    name = "given"
    effect: Any = "read"
    params: Any = {}
    output_schema: Any = None
    identity: frozenset[tuple[str | int, ...]] = frozenset()
    forwards: frozenset[str] = frozenset()

    def __init__(self, response: Response) -> None:
        self.response = response

    async def invoke(self, call: Call, /) -> Response:
        return self.response


def compiled(text: str) -> Any:
    made, faults = compile_expression(text, roots=RESPONSE_ROOTS)
    assert faults == []
    return made


async def failure(response: Response, **options: Any) -> GatewayError:
    with pytest.raises(GatewayError) as raised:
        await Outcome(Given(response), **options)(call_of("erp.order"))
    return raised.value


@pytest.mark.parametrize(
    ("status", "code", "passing"),
    [
        (404, "not_found", False),
        (409, "conflict", False),
        (400, "backend_error", False),
        (302, "backend_error", False),
        (429, "backend_error", True),
        (500, "backend_error", True),
        (503, "backend_error", True),
    ],
)
async def test_a_failure_status_has_its_code(status: int, code: str, passing: bool) -> None:
    error = await failure(Response({"secret": "internal text"}, status))
    assert (error.code, error.status_code, error.passing) == (code, status, passing)
    assert "internal" not in error.message


async def test_a_success_gives_the_body_or_the_result() -> None:
    assert (await Outcome(Given(Response([1], 200)))(call_of("erp.order"))).value == [1]
    assert (await Outcome(Given(Response({"a": {"b": 1}}, 201)), result=compiled("body.a.b"))(call_of("erp.order"))).value == 1
    assert (await Outcome(Given(Response(None, 204)))(call_of("erp.order"))).value is None


async def test_success_decides_instead_of_the_status() -> None:
    ok = compiled("body.ok")
    assert (await Outcome(Given(Response({"ok": True}, 500)), success=ok)(call_of("erp.order"))).value == {"ok": True}
    assert (await failure(Response({"ok": False}, 200), success=ok)).code == "backend_error"


async def test_a_business_error_is_read() -> None:
    error = await failure(
        Response({"code": "E17", "text": "Sold out"}, 422), error_code=compiled("body.code"), error_message=compiled("body.text")
    )
    assert (error.detail_code, error.message) == ("E17", "Sold out")


@pytest.mark.parametrize(("declared", "body"), [(dict, "<html>Log in</html>"), (dict, [1]), (list, {"a": 1}), (list, 7)])
async def test_an_answer_of_another_type_than_declared_is_a_bad_response(declared: Any, body: Any) -> None:
    assert (await failure(Response(body, 200), declared=declared)).code == "bad_response"
    assert (await failure(Response(body, 404), declared=declared)).code == "not_found"


async def test_no_content_is_null_whatever_is_declared() -> None:
    assert (await Outcome(Given(Response(None, 204)), declared=dict)(call_of("erp.order"))).value is None


@pytest.mark.parametrize("body", [None, [], "text", {"code": {"nested": 1}}, {"code": "x" * 10_000}])
async def test_an_error_body_of_any_shape_is_survived(body: Any) -> None:
    error = await failure(Response(body, 500), error_code=compiled("body.code"), error_message=compiled("body.code"))
    assert error.code == "backend_error"
    assert len(error.message) <= 500


def at(moment: datetime) -> Any:
    class Clock:
        def monotonic(self) -> float:
            return 0.0

        def now(self) -> datetime:
            return moment

    return Clock()


@pytest.mark.parametrize(
    ("status", "headers", "retry_after", "settled"),
    [
        (503, {}, None, False),
        (503, {"retry-after": "7"}, 7.0, False),
        (429, {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 37.0, False),
        (502, {"x-should-retry": "false", "retry-after": "soon"}, None, True),
        (404, {"retry-after": "7", "x-should-retry": "false"}, 7.0, True),
        (200, {"retry-after": "7", "x-should-retry": "false"}, None, False),
        (302, {"retry-after": "7"}, None, False),
    ],
)
async def test_an_answer_says_when_to_try_again_and_whether(
    status: int, headers: dict[str, str], retry_after: float | None, settled: bool
) -> None:
    clock = at(datetime(1994, 11, 6, 8, 49, tzinfo=UTC))
    error = await failure(Response({}, status, headers), success=compiled("`false`"), clock=clock)
    assert (error.retry_after, error.settled) == (retry_after, settled)
