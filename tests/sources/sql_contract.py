"""What both databases must do. `database` says how a table of invoices is made and how time is wasted."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from gateway.sdk import BackendError, BadResponse, Call, InvalidRequest, Source, Timeout
from gateway.sources import sql
from gateway.testing import FakeServices, call_of
from gateway.testing.contracts import Example, RemoteSourceContract
from tests.sources.built import build, invoke, invoke_call

ROWS = "INSERT INTO invoices VALUES (1, 'A', 'C1'), (2, 'B', 'C1'), (3, 'A', 'C2'), (4, 'it''s :here; --', 'C3');"
READS: dict[str, Any] = {
    "history": {"query": "SELECT id, sku FROM invoices WHERE customer = :customer ORDER BY id"},
    "by_id": {"query": "SELECT id FROM invoices WHERE id IN :ids ORDER BY id;"},
    "by_sku": {"query": "SELECT id FROM invoices WHERE sku IN (:skus) AND id > :above ORDER BY id"},
    "not_in": {"query": "SELECT id FROM invoices WHERE id NOT IN :ids ORDER BY id"},
    "literal": {"query": "SELECT id /* :no */ FROM invoices WHERE sku = 'it''s :here; --' -- :neither"},
    "none": {"query": "SELECT id FROM invoices WHERE customer IS NULL"},
    "all": {"query": "SELECT id FROM invoices", "max_rows": 3},
    "twins": {"query": "SELECT id, id FROM invoices"},
    "wrong": {"query": "SELECT missing_column FROM invoices"},
    "cte": {"query": "WITH x AS (SELECT id FROM invoices) SELECT count(*) AS n FROM x"},
    "percent": {"query": "SELECT id FROM invoices WHERE sku LIKE 'A%' AND 7 % 2 = 1 ORDER BY id"},
}
WRITES: dict[str, Any] = {
    "add": {"query": "INSERT INTO invoices VALUES (:id, :sku, 'C9')", "read_only": False},
    "add_back": {"query": "INSERT INTO invoices VALUES (:id, 'Z', 'C9') RETURNING id, sku", "read_only": False},
    "change": {"query": "UPDATE invoices SET sku = :sku WHERE customer = :customer", "read_only": False},
    "break": {"query": "INSERT INTO invoices VALUES (1, 'twice', 'C9')", "read_only": False},
}


class SqlContract(RemoteSourceContract):
    component = sql.component
    reading = Example("history", {"customer": "C1"}, {"rows": [{"id": 1, "sku": "A"}, {"id": 2, "sku": "B"}], "count": 2})
    storm: ClassVar[int] = 100
    slow_query: ClassVar[str]

    @pytest.fixture
    def slow(self) -> Call:
        return call_of("slow", seconds=30)

    def build(self, services: FakeServices, url: str, **keys: Any) -> Source:
        operations = {**READS, **WRITES, "slow": {"query": self.slow_query}, "slow_write": self.slow_write()}
        document = f"source: billing\ntype: sql\nurl: {url}\n"
        built: Source = build(sql.component, document, services, **{"operations": operations, "connections": 3, **keys})
        return built

    def slow_write(self) -> dict[str, Any]:
        """Inserts a row after seconds."""
        raise NotImplementedError

    def busy(self) -> bool:
        """Whether the database is running a query of ours."""
        raise NotImplementedError

    async def ids(self, source: Source, operation: str, **arguments: Any) -> list[int]:
        return [row["id"] for row in (await invoke(source, operation, **arguments)).body["rows"]]

    async def test_lists_expand(self, source: Source) -> None:
        assert await self.ids(source, "by_id", ids=[3, 1, 99]) == [1, 3]
        assert await self.ids(source, "by_sku", skus=["A", "B"], above=1) == [2, 3]
        assert await self.ids(source, "not_in", ids=[1, 2]) == [3, 4]

    async def test_empty_lists(self, source: Source) -> None:
        assert await self.ids(source, "by_id", ids=[]) == []
        assert await self.ids(source, "by_sku", skus=[], above=0) == []
        assert await self.ids(source, "by_id", ids=None) == []
        assert await self.ids(source, "not_in", ids=[]) == [1, 2, 3, 4]

    async def test_one_value_is_a_list_of_one(self, source: Source) -> None:
        assert await self.ids(source, "by_id", ids=2) == [2]

    async def test_literals_and_comments_hold_no_binds(self, source: Source) -> None:
        assert await self.ids(source, "literal") == [4]
        assert await self.ids(source, "percent") == [1, 3]

    async def test_values_are_never_sql(self, source: Source) -> None:
        response = await invoke(source, "history", customer="C1' OR '1'='1")
        assert response.body == {"rows": [], "count": 0}

    async def test_no_rows_and_a_cte(self, source: Source) -> None:
        assert (await invoke(source, "none")).body == {"rows": [], "count": 0}
        assert (await invoke(source, "cte")).body == {"rows": [{"n": 4}], "count": 1}

    async def test_too_many_rows_are_never_cut_silently(self, source: Source) -> None:
        with pytest.raises(BadResponse, match="max_rows"):
            await invoke(source, "all")

    async def test_two_columns_of_one_name_are_refused(self, source: Source) -> None:
        with pytest.raises(BadResponse, match="same name"):
            await invoke(source, "twins")

    async def test_an_sql_error_shows_no_sql(self, source: Source) -> None:
        with pytest.raises(BackendError) as caught:
            await invoke(source, "wrong")
        assert caught.value.message == "The database refused the query."
        assert await self.ids(source, "by_id", ids=[1]) == [1]

    @pytest.mark.parametrize("value", [1 << 63, "a\0b", "\ud800", float("inf")])
    async def test_values_that_drivers_choke_on(self, value: Any, source: Source) -> None:
        with pytest.raises(InvalidRequest):
            await invoke(source, "history", customer=value)

    async def test_nested_lists_are_refused(self, source: Source) -> None:
        with pytest.raises(InvalidRequest):
            await invoke(source, "by_id", ids=[[1]])

    async def test_a_write_stays(self, source: Source) -> None:
        assert source.operation("add").effect == "write"  # type: ignore[union-attr]
        assert (await invoke(source, "add", id=9, sku="N")).body == {"rows": [], "count": 1}
        assert (await invoke(source, "add_back", id=10)).body == {"rows": [{"id": 10, "sku": "Z"}], "count": 1}
        assert (await invoke(source, "change", sku="Y", customer="C9")).body == {"rows": [], "count": 2}
        assert (await invoke(source, "history", customer="C9")).body["rows"] == [{"id": 9, "sku": "Y"}, {"id": 10, "sku": "Y"}]

    async def test_a_refused_write_leaves_the_pool_usable(self, source: Source) -> None:
        for _ in range(5):
            with pytest.raises(BackendError):
                await invoke(source, "break")
        assert (await invoke(source, "add", id=11, sku="N")).body["count"] == 1

    @pytest.mark.parametrize("name", ["slow", "slow_write"])
    async def test_what_is_late_is_really_ended(self, name: str, source: Source) -> None:
        late = asyncio.create_task(invoke_call(source, call_of(name, seconds=0.3)))
        await self.until(busy=True)
        with pytest.raises(Timeout):
            await late
        await self.until(busy=False)
        assert (await invoke(source, "history", customer="LATE")).body["count"] == 0

    @pytest.mark.parametrize("name", ["slow", "slow_write"])
    async def test_what_is_cancelled_is_really_ended(self, name: str, source: Source) -> None:
        unwanted = asyncio.create_task(invoke_call(source, call_of(name, seconds=30)))
        await self.until(busy=True)
        unwanted.cancel()
        with pytest.raises(asyncio.CancelledError):
            await unwanted
        await self.until(busy=False)
        assert (await invoke(source, "history", customer="LATE")).body["count"] == 0

    async def test_waiting_for_a_connection_ends_in_time(self, source: Source, slow: Call) -> None:
        hogs = [asyncio.create_task(invoke_call(source, slow)) for _ in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(Timeout):
            await invoke_call(source, self.call(seconds=0.1))
        for hog in hogs:
            hog.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)
        assert (await invoke_call(source, self.call())).body == self.reading.body

    async def until(self, *, busy: bool) -> None:
        """Fails unless the database comes to work for us, or to rest, within two seconds."""
        give_up = asyncio.get_running_loop().time() + 2
        while self.busy() is not busy:
            assert asyncio.get_running_loop().time() < give_up
            await asyncio.sleep(0.02)
