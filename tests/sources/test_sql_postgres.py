"""`type: sql` on a PostgreSQL server that the test starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.sdk import BackendError, Source, Timeout, Unavailable
from gateway.sources import sql
from gateway.testing import FakeServices, call_of
from gateway.testing.postgres import Postgres
from tests.sources.built import build, invoke, invoke_call
from tests.sources.sql_contract import ROWS, SqlContract

pytestmark = pytest.mark.service
TABLE = "CREATE TABLE invoices (id integer PRIMARY KEY, sku text, customer text);"
OURS = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


def source_with(services: FakeServices, server: Postgres, **operations: Any) -> Source:
    built: Source = build(sql.component, f"source: a\ntype: sql\nurl: {server.url()}", services, operations=operations)
    return built


class TestPostgres(SqlContract):
    slow_query = "SELECT pg_sleep(30)"

    @pytest.fixture(autouse=True)
    def table(self, postgres: Postgres) -> None:
        postgres.run(f"DROP TABLE IF EXISTS invoices; {TABLE} {ROWS}")
        self.server = postgres

    @pytest.fixture
    async def source(self, services: FakeServices, postgres: Postgres) -> AsyncIterator[Source]:
        source = self.build(services, postgres.url())
        assert services.problems == []
        yield source
        await source.close()

    @pytest.fixture
    def gone(self, services: FakeServices) -> Source:
        return self.build(services, "postgresql://test@127.0.0.1:1/postgres")

    def slow_write(self) -> dict[str, Any]:
        return {"query": "INSERT INTO invoices SELECT 99, 'late', 'LATE' FROM pg_sleep(30)", "read_only": False}

    def busy(self) -> bool:
        return self.server.run(OURS) != "0"


async def test_read_only_is_enforced_by_the_database(services: FakeServices, postgres: Postgres) -> None:
    postgres.run("DROP TABLE IF EXISTS t; CREATE TABLE t (a integer); CREATE SEQUENCE IF NOT EXISTS s")
    source = source_with(
        services,
        postgres,
        insert={"query": "INSERT INTO t VALUES (1)"},
        sequence={"query": "SELECT nextval('s')"},
        unlock={"query": "SELECT set_config('transaction_read_only', 'off', false)"},
        into={"query": "WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a FROM x"},
    )
    assert services.codes == ["GW251", "GW251"]
    for name in ("insert", "sequence", "unlock", "into"):
        with pytest.raises(BackendError):
            await invoke(source, name)
    assert postgres.run("SELECT count(*) FROM t") == "0"
    await source.close()


async def test_a_function_that_writes_is_committed(services: FakeServices, postgres: Postgres) -> None:
    postgres.run(
        "DROP TABLE IF EXISTS log; CREATE TABLE log (a integer);"
        "CREATE OR REPLACE FUNCTION note(a integer) RETURNS integer LANGUAGE sql AS 'INSERT INTO log VALUES (a) RETURNING a'"
    )
    source = source_with(services, postgres, note={"query": "SELECT note(:a) AS a", "effect": "write", "read_only": False})
    assert source.operation("note").effect == "write"  # type: ignore[union-attr]
    assert (await invoke(source, "note", a=7)).body == {"rows": [{"a": 7}], "count": 1}
    assert postgres.run("SELECT a FROM log") == "7"
    await source.close()


async def test_values_are_json_safe(services: FakeServices, postgres: Postgres) -> None:
    query = """
    SELECT 10.50::numeric(10,2) AS amount, 'NaN'::numeric AS no_number, 1e20::numeric AS large, 'Infinity'::float8 AS infinite,
      date '2026-11-20' AS day, timestamp '2026-11-20 10:00:00.5' AS local, timestamptz '2026-11-20 10:00:00+02' AS moment,
      interval '1 day 02:03:04.5' AS length, uuid '5f0c6f6e-7e4b-4f0e-9a55-0123456789ab' AS id, '\\x00ff'::bytea AS raw,
      9223372036854775807::bigint AS wide, '{"a": [1, null]}'::jsonb AS doc, ARRAY[1.10, 2]::numeric[] AS list,
      inet '10.0.0.1' AS address, NULL AS nothing, true AS yes, time '10:00' AS clock
    """
    source = source_with(services, postgres, all={"query": query})
    response = await invoke(source, "all")
    row = response.body["rows"][0]
    assert row.pop("moment") in {"2026-11-20T08:00:00+00:00", "2026-11-20T09:00:00+01:00", "2026-11-20T10:00:00+02:00"}
    assert row == {
        "amount": "10.50",
        "no_number": None,
        "large": "100000000000000000000",
        "infinite": None,
        "day": "2026-11-20",
        "local": "2026-11-20T10:00:00.500000",
        "length": "P1DT2H3M4.5S",
        "id": "5f0c6f6e-7e4b-4f0e-9a55-0123456789ab",
        "raw": "AP8=",
        "wide": 9223372036854775807,
        "doc": {"a": [1, None]},
        "list": ["1.10", "2"],
        "address": "10.0.0.1",
        "nothing": None,
        "yes": True,
        "clock": "10:00:00",
    }
    await source.close()


async def test_casts_arrays_and_json_binds(services: FakeServices, postgres: Postgres) -> None:
    source = source_with(
        services,
        postgres,
        cast={"query": "SELECT :a::integer + 1 AS n, (ARRAY[1,2,3])[1:2] AS part, 'a:b' AS text"},
        any={"query": "SELECT n FROM generate_series(1, 5) AS n WHERE n = ANY(:ids)"},
        doc={"query": "SELECT CAST(:doc AS jsonb) ->> 'a' AS a"},
        typed={"query": "SELECT d FROM (VALUES (uuid '5f0c6f6e-7e4b-4f0e-9a55-0123456789ab')) AS v (d) WHERE d IN :ids"},
        day={"query": "SELECT 1 AS n WHERE date '2026-11-20' >= :since"},
        dollar={"query": "SELECT $$a :b; c$$ AS t"},
    )
    assert services.problems == []
    assert (await invoke(source, "cast", a="41")).body["rows"] == [{"n": 42, "part": [1, 2], "text": "a:b"}]
    assert (await invoke(source, "any", ids=[2, 4])).body["count"] == 2
    assert (await invoke(source, "doc", doc={"a": "x"})).body["rows"] == [{"a": "x"}]
    assert (await invoke(source, "typed", ids=["5f0c6f6e-7e4b-4f0e-9a55-0123456789ab"])).body["count"] == 1
    assert (await invoke(source, "typed", ids=[])).body["count"] == 0
    assert (await invoke(source, "day", since="2026-11-01")).body["count"] == 1
    assert (await invoke(source, "dollar")).body["rows"] == [{"t": "a :b; c"}]
    await source.close()


async def test_the_databases_own_limit_is_a_timeout(services: FakeServices, postgres: Postgres) -> None:
    postgres.run("CREATE ROLE hasty LOGIN; ALTER ROLE hasty SET statement_timeout = '20ms'")
    url = postgres.url().replace("test@", "hasty@")
    source = build(sql.component, f"source: a\ntype: sql\nurl: {url}", services, operations={"slow": {"query": "SELECT pg_sleep(5)"}})
    with pytest.raises(Timeout):
        await invoke(source, "slow")
    await source.close()


async def test_connections_that_the_server_ended_are_replaced(services: FakeServices, postgres: Postgres) -> None:
    source = source_with(services, postgres, one={"query": "SELECT 1 AS n"}, slow={"query": "SELECT pg_sleep(5)"})
    await invoke(source, "one")
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
    assert (await invoke(source, "one")).body["count"] == 1
    await source.close()


async def test_ended_under_way_is_unavailable(services: FakeServices, postgres: Postgres) -> None:
    end = "EXPLAIN ANALYZE SELECT pg_terminate_backend(pg_backend_pid())"
    source = source_with(services, postgres, end={"query": end}, one={"query": "SELECT 1 AS n"})
    with pytest.raises(Unavailable):
        await invoke(source, "end")
    assert (await invoke_call(source, call_of("one"))).body["count"] == 1
    await source.close()
