"""What every source, and every store of records, must do, whatever its kind. A kind's test subclasses its contract and gets these tests.

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
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from gateway.sdk import (
    BackendFailure,
    Call,
    Chain,
    Component,
    InvalidRequest,
    Link,
    Mark,
    RecordStore,
    RecordsUnavailable,
    Response,
    Source,
    Timeout,
    Unavailable,
)
from gateway.sdk.fields import decode_hook
from gateway.sdk.records import link_digest
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


class RecordStoreContract:
    """For stores of records: subclasses have the fixtures `make`, which gives a further store of one same, new place, and `gone`."""

    @pytest.fixture
    def make(self) -> Callable[[], RecordStore]:
        """Makes a store object; all that one test makes share what is stored."""
        raise NotImplementedError

    @pytest.fixture
    def gone(self) -> RecordStore:
        """A store whose place can't be reached."""
        raise NotImplementedError

    def stored(self, store: RecordStore) -> tuple[Chain, list[Link]]:
        """What is in it now."""
        with store.snapshot() as (chain, links):
            return chain, list(links)

    def test_a_new_chain_is_empty(self, make: Callable[[], RecordStore]) -> None:
        store = make()
        assert store.open() == Chain()
        assert self.stored(store) == (Chain(), [])
        store.close()

    def test_records_are_chained_in_order(self, make: Callable[[], RecordStore]) -> None:
        store = make()
        store.append(["a", "b"])
        chain = store.append(["c"])
        _, links = self.stored(store)
        assert [(link.sequence, link.body) for link in links] == [(1, "a"), (2, "b"), (3, "c")]
        previous = Mark()
        for link in links:
            assert link.digest == link_digest(previous.digest, link.sequence, link.body)
            previous = Mark(link.sequence, link.digest)
        assert chain == Chain(Mark(), previous)
        store.close()

    def test_what_is_stored_stays(self, make: Callable[[], RecordStore]) -> None:
        first, second = make(), make()
        chain = first.append(["a"])
        first.close()
        first.close()
        assert second.open() == chain
        second.close()

    def test_many_records_are_all_read(self, make: Callable[[], RecordStore]) -> None:
        store = make()
        bodies = [str(number) for number in range(2500)]
        store.append(bodies)
        assert [link.body for link in self.stored(store)[1]] == bodies
        store.close()

    def test_several_writers_share_one_chain(self, make: Callable[[], RecordStore]) -> None:
        def write(name: str) -> None:
            store = make()
            for number in range(10):
                store.append([f"{name}{number}", f"{name}{number}b"])
            store.close()

        with ThreadPoolExecutor() as pool:
            list(pool.map(write, "abc"))
        store = make()
        chain, links = self.stored(store)
        assert (chain.head.sequence, len(links), len({link.body for link in links})) == (60, 60, 60)
        assert all(each.body + "b" == links[index + 1].body for index, each in enumerate(links) if index % 2 == 0)
        store.close()

    def test_a_second_try_adds_nothing_twice(self, make: Callable[[], RecordStore]) -> None:
        store, other = make(), make()
        store.append(["first"])
        store.append(["a", "b"])
        other.append(["of another"])
        assert store.append(["a", "b"], unless_after=1).head.sequence == 4
        assert store.append(["c"], unless_after=1).head.sequence == 5
        assert [link.body for link in self.stored(store)[1]] == ["first", "a", "b", "of another", "c"]
        store.close()
        other.close()

    def test_removing_leaves_a_chain(self, make: Callable[[], RecordStore]) -> None:
        store = make()
        store.append(["a", "b", "c"])
        _, links = self.stored(store)
        through = Mark(links[1].sequence, links[1].digest)
        assert store.remove(through, "two were removed")
        chain, left = self.stored(store)
        assert (chain.start, [link.body for link in left]) == (through, ["c", "two were removed"])
        assert left[-1].digest == link_digest(left[0].digest, 4, "two were removed")
        assert not store.remove(through, "again")
        assert not store.remove(Mark(3, "0" * 64), "another one")
        assert self.stored(store) == (chain, left)
        store.close()

    def test_all_may_be_removed(self, make: Callable[[], RecordStore]) -> None:
        store = make()
        head = store.append(["a"]).head
        assert store.remove(head, "all")
        assert [(link.sequence, link.body) for link in self.stored(store)[1]] == [(2, "all")]
        store.close()

    def test_a_snapshot_is_of_one_moment(self, make: Callable[[], RecordStore]) -> None:
        store, other = make(), make()
        store.append(["a"])
        with store.snapshot() as (chain, links):
            other.append(["b"])
            assert (chain.head.sequence, [link.body for link in links]) == (1, ["a"])
        assert len(self.stored(store)[1]) == 2
        store.close()
        other.close()

    def test_a_store_that_is_gone_is_unavailable(self, gone: RecordStore) -> None:
        for use in (gone.open, lambda: gone.append(["a"]), lambda: self.stored(gone), lambda: gone.remove(Mark(1, "0" * 64), "b")):
            with pytest.raises(RecordsUnavailable) as caught:
                use()
            assert not any(secret in str(caught.value) for secret in ("127.0.0.1", "localhost", "://", "/tmp", "test"))  # noqa: S108 -- not used
        gone.close()
