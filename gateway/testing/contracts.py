"""What every source must do, whatever its kind. A source kind's test subclasses `SourceContract` and gets these tests.

class TestWarehouse(SourceContract):
    component = warehouse.component
    reading = Example("stock", {"sku": "A"}, {"sku": "A", "quantity": 3})

    @pytest.fixture
    async def source(self, services): …
"""

# ruff: noqa: S101 -- tests assert

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from gateway.sdk import BackendFailure, Call, Component, InvalidRequest, Response, Source, Timeout, Unavailable
from gateway.sdk.fields import decode_hook
from gateway.testing.calls import call_of
from gateway.testing.services import FakeServices


class Example(msgspec.Struct, frozen=True):
    """One call: the operation's name, arguments for it, and the body that comes back."""

    operation: str
    arguments: dict[str, Any]
    body: Any


class SourceContract:
    """Subclasses set `component` and `reading`, and have the fixture `source`. `services` belongs to the source under test."""

    component: ClassVar[Component]
    reading: ClassVar[Example]

    @pytest.fixture
    async def services(self, tmp_path: Path) -> AsyncIterator[FakeServices]:
        services = FakeServices(folder=tmp_path)
        yield services
        await services.close()

    @pytest.fixture
    def source(self, services: FakeServices) -> Source:
        """The source under test, its backend running; to be closed by the fixture."""
        raise NotImplementedError

    @pytest.fixture
    def example_folder(self, tmp_path: Path) -> Path:
        """A folder with the files that the component's example names."""
        return tmp_path

    def call(self, **options: Any) -> Call:
        """The call of `reading`."""
        return call_of(self.reading.operation, copy.deepcopy(self.reading.arguments), **options)

    async def invoke(self, source: Source, call: Call) -> Response:
        """Calls the operation that the call names."""
        operation = source.operation(call.operation)
        assert operation is not None
        return await operation.invoke(call)

    async def test_names_are_what_can_be_called(self, source: Source) -> None:
        names = list(source.names())
        assert self.reading.operation in names
        assert len(set(names)) == len(names)
        assert all(source.operation(name) is not None for name in names)
        assert source.operation("no such operation") is None

    async def test_an_operation_is_bound_once(self, source: Source) -> None:
        assert source.operation(self.reading.operation) is source.operation(self.reading.operation)

    async def test_operations_describe_themselves(self, source: Source) -> None:
        for name in source.names():
            operation = source.operation(name)
            assert operation is not None
            assert operation.name == name
            assert operation.effect in {"read", "write"}
            assert all(isinstance(reference, tuple) and reference for reference in operation.identity)
            assert all(header == header.lower() for header in operation.forwards)

    async def test_schemas_are_json_schemas(self, source: Source) -> None:
        for name in source.names():
            operation = source.operation(name)
            assert operation is not None
            assert operation.params["type"] == "object"
            Draft202012Validator.check_schema(operation.params)
            if operation.output_schema is not None:
                Draft202012Validator.check_schema(operation.output_schema)

    async def test_a_read_gives_data(self, source: Source) -> None:
        operation = source.operation(self.reading.operation)
        assert operation is not None
        assert operation.effect == "read"
        Draft202012Validator(dict(operation.params)).validate(self.reading.arguments)
        response = await operation.invoke(self.call())
        assert response.body == self.reading.body
        assert msgspec.json.decode(msgspec.json.encode(response.body)) == self.reading.body
        assert response.status_code == 200
        assert all(name == name.lower() for name in response.headers)

    async def test_arguments_are_left_alone(self, source: Source) -> None:
        call = self.call()
        await self.invoke(source, call)
        assert call.arguments == self.reading.arguments

    async def test_calls_run_side_by_side(self, source: Source) -> None:
        responses = await asyncio.gather(*(self.invoke(source, self.call(seconds=10)) for _ in range(20)))
        assert all(response.body == self.reading.body for response in responses)

    async def test_it_starts_is_ready_and_closes(self, source: Source) -> None:
        await source.start()
        assert await source.ready()

    async def test_unsendable_arguments_are_the_callers_fault(self, source: Source) -> None:
        """Whatever the arguments are, only the vocabulary's errors come out."""
        for hostile in ["", "..", "a\r\nb: c", "\0", "\ud800", float("nan"), 10**30, [], {}, [[None]], {"a": {"b": "\udfff"}}, "%00/../x"]:
            arguments = dict.fromkeys(self.reading.arguments, hostile)
            with suppress(BackendFailure, InvalidRequest):
                await self.invoke(source, call_of(self.reading.operation, arguments))

    async def test_the_example_works(self, services: FakeServices, example_folder: Path) -> None:
        services.folder = example_folder
        build = self.component.build
        assert build is not None
        config = msgspec.convert(yaml.safe_load(self.component.example), self.component.Config, dec_hook=decode_hook)
        source: Source = build(config, services)
        assert services.problems == []
        assert all(source.operation(name) is not None for name in source.names())
        assert services.problems == []
        await source.close()


class RemoteSourceContract(SourceContract):
    """For kinds with a backend: subclasses also have the fixtures `gone` and `slow`. `storm` is how many calls are cancelled."""

    storm: ClassVar[int] = 200

    @pytest.fixture
    def gone(self, services: FakeServices) -> Source:
        """The same source with a backend that can't be reached."""
        raise NotImplementedError

    @pytest.fixture
    def slow(self, source: Source) -> Call:
        """A call of `source` whose answer takes seconds."""
        raise NotImplementedError

    async def test_a_passed_deadline_is_a_timeout(self, source: Source) -> None:
        with pytest.raises(Timeout):
            await self.invoke(source, self.call(seconds=-1))

    async def test_a_slow_backend_is_a_timeout_in_time(self, source: Source, slow: Call) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        slow.deadline = started + 0.2
        with pytest.raises(Timeout):
            await self.invoke(source, slow)
        assert loop.time() - started < 0.3

    async def test_an_unreachable_backend_is_unavailable(self, gone: Source) -> None:
        with suppress(BackendFailure):
            await gone.start()
        with pytest.raises(Unavailable) as caught:
            await self.invoke(gone, self.call())
        assert not any(secret in caught.value.message for secret in ("127.0.0.1", "localhost", "://", "Errno", "/tmp"))  # noqa: S108 -- not used
        await gone.close()

    async def test_cancelled_calls_cost_no_place(self, source: Source, slow: Call) -> None:
        tasks = [asyncio.create_task(self.invoke(source, slow)) for _ in range(self.storm)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended)
        responses = await asyncio.gather(*(self.invoke(source, self.call(seconds=10)) for _ in range(20)))
        assert all(response.body == self.reading.body for response in responses)
