"""The source contract notices what it is there to notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway.sdk import BadResponse, Call, Response, Unavailable
from gateway.testing.contracts import Example, RemoteSourceContract


class FaultyOperation:
    """Right in everything but what `changes` replaces."""

    def __init__(self, **changes: Any) -> None:
        self.name = "do"
        self.effect = "read"
        self.params: Any = {"type": "object"}
        self.output_schema: Any = None
        self.identity: frozenset[Any] = frozenset()
        self.forwards: frozenset[str] = frozenset()
        self.answer: Callable[[Call], Any] = lambda _: {"a": 1}
        self.__dict__.update(changes)

    async def invoke(self, call: Call, /) -> Response:
        await asyncio.sleep(0)
        return Response(self.answer(call))


class FaultySource:
    def __init__(self, **changes: Any) -> None:
        self._operation = FaultyOperation(**changes)

    def names(self) -> list[str]:
        return ["do"]

    def operation(self, name: str, /) -> Any:
        return self._operation if name == "do" else None

    async def start(self) -> None: ...
    async def ready(self) -> bool:
        return True

    async def close(self) -> None: ...


class Subject(RemoteSourceContract):
    __test__ = False
    reading = Example("do", {"x": "1"}, {"a": 1})
    storm = 5


def fail(kind: type[Exception]) -> Callable[[Call], Any]:
    def answer(_: Call) -> Any:
        raise kind("127.0.0.1 refused")

    return answer


def change(call: Call) -> Any:
    call.arguments["x"] = "2"
    return {"a": 1}


@pytest.mark.parametrize(
    ("test", "changes"),
    [
        ("test_a_read_gives_data", {"effect": "write"}),
        ("test_a_read_gives_data", {"params": {"type": "object", "required": ["y"]}}),
        ("test_a_read_gives_data", {"answer": lambda _: {"a": 2}}),
        ("test_operations_describe_themselves", {"forwards": frozenset({"Accept"})}),
        ("test_operations_describe_themselves", {"name": "other"}),
        ("test_schemas_are_json_schemas", {"params": {"type": "object", "required": "x"}}),
        ("test_schemas_are_json_schemas", {"output_schema": {"type": "nonsense"}}),
        ("test_arguments_are_left_alone", {"answer": change}),
        ("test_a_passed_deadline_is_a_timeout", {}),
        ("test_unsendable_arguments_are_the_callers_fault", {"answer": fail(ValueError)}),
        ("test_calls_run_side_by_side", {"answer": fail(BadResponse)}),
    ],
)
async def test_it_notices(test: str, changes: dict[str, Any]) -> None:
    with pytest.raises((Exception, pytest.fail.Exception)):
        await getattr(Subject(), test)(FaultySource(**changes))
    if changes:
        await getattr(Subject(), test)(FaultySource())


async def test_it_notices_a_leaked_address() -> None:
    with pytest.raises(AssertionError):
        await Subject().test_an_unreachable_backend_is_unavailable(FaultySource(answer=fail(Unavailable)))


async def test_it_notices_a_slow_answer_that_isnt_ended() -> None:
    call = Subject().call()
    with pytest.raises(pytest.fail.Exception):
        await Subject().test_a_slow_backend_is_a_timeout_in_time(FaultySource(), call)
