"""`type: sql`: operations written as SQL with bound names (language §3). SQLite is embedded; PostgreSQL comes with `gateway[postgres]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from sqlalchemy import URL, BindParameter, TextClause, bindparam, text

from gateway.sdk import (
    Call,
    Component,
    Effect,
    Name,
    OperationConfig,
    Path,
    Reference,
    Response,
    Secret,
    Services,
    SourceConfig,
    Unavailable,
    described,
)
from gateway.sources.params import check_declared, is_open, properties_of, written_params
from gateway.sources.sql_database import Database, Query
from gateway.sources.sql_engine import DatabaseFault, database_url, open_engine
from gateway.sources.sql_text import SqlFault, Statement, parse_statement
from gateway.sources.sql_values import bound_list, bound_value
from gateway.sources.suggestion import did_you_mean

Rows = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class SqlOperationConfig(OperationConfig, frozen=True, kw_only=True):
    """One statement."""

    query: Annotated[str, described("One SQL statement; arguments are bound as `:name`, a list expands in `IN :names`.")]
    read_only: Annotated[bool | None, described("Whether writing is refused; the source's where unset.")] = None
    max_rows: Annotated[Rows | None, described("Most rows; more is `bad_response`. The source's where unset.")] = None


class SqlConfig(SourceConfig, frozen=True, kw_only=True):
    """A database."""

    url: Annotated[Secret, described("SQLAlchemy URL; a relative SQLite path is one below the configuration's folder.")]
    read_only: Annotated[bool, described("Whether writing is refused, by the database itself.")] = True
    max_rows: Annotated[Rows, described("Most rows of one query; more is `bad_response`, never a silent cut.")] = 1000
    connections: Annotated[int, msgspec.Meta(ge=1, le=1000), described("Most open connections.")] = 5
    operations: Annotated[dict[Name, SqlOperationConfig], msgspec.Meta(min_length=1), described("What can be called, by name.")]


def rows_schema() -> dict[str, Any]:
    """What every statement answers; its columns are known where `output_schema` names them."""
    rows = {"type": "array", "items": {"type": "object"}}
    properties = {"rows": rows, "count": {"type": "integer"}}
    return {"type": "object", "required": ["rows", "count"], "properties": properties, "additionalProperties": False}


class SqlOperation:
    """One statement, ready to be run."""

    identity: frozenset[Reference] = frozenset()
    forwards: frozenset[str] = frozenset()

    def __init__(
        self,
        name: str,
        config: SqlOperationConfig,
        *,
        statement: Statement,
        dialect: str,
        params: Mapping[str, Any],
        database: Database,
        max_rows: int,
        commits: bool,
    ) -> None:
        self.name = name
        self.effect: Effect = config.effect or ("write" if statement.writes else "read")
        self.params = params
        self.output_schema = rows_schema() if config.output_schema is None else config.output_schema
        self._statement = statement
        self._dialect = dialect
        self._database = database
        self._max_rows = max_rows
        self._commits = commits
        self._clauses: dict[frozenset[str], TextClause] = {}

    async def invoke(self, call: Call, /) -> Response:
        """Binds the arguments and runs the statement; an argument that is not given is NULL."""
        values: dict[str, Any] = {}
        for name in self._statement.binds:
            value = call.arguments.get(name)
            if name in self._statement.lists:
                values[name] = bound_list(name, value)
            else:
                values[name] = bound_value(name, value, arrays=self._dialect == "postgresql")
        empty = self._statement.vanishing(self._dialect, values)
        bound = {name: value for name, value in values.items() if name not in empty}
        clause = self._clause(empty)
        query = Query(clause, bound, self._max_rows, streams=self._statement.streams, commits=self._commits)
        return Response(await self._database.run(query, call.deadline))

    def _clause(self, empty: frozenset[str]) -> TextClause:
        """One clause for each set of lists that hold nothing, so that SQLAlchemy's cache of compiled statements holds them."""
        clause = self._clauses.get(empty)
        if clause is None:
            expanding: list[BindParameter[Any]] = [bindparam(name, expanding=True) for name in self._statement.lists - empty]
            clause = text(self._statement.text(self._dialect, empty)).bindparams(*expanding)
            self._clauses[empty] = clause
        return clause


class SqlSource:
    """A database with its statements."""

    def __init__(self, operations: Mapping[str, SqlOperation], databases: Iterable[Database]) -> None:
        self._operations = operations
        self._databases = tuple(databases)

    def names(self) -> Iterable[str]:
        return self._operations.keys()

    def operation(self, name: str, /) -> SqlOperation | None:
        return self._operations.get(name)

    async def start(self) -> None:
        """Opens a first connection; raises `Unavailable` where that fails."""
        if not await self.ready():
            raise Unavailable

    async def ready(self) -> bool:
        """Whether the database answers."""
        return all([await database.reachable() for database in self._databases])

    async def close(self) -> None:
        for database in self._databases:
            await database.close()


class _Builder:
    """Binds the operations of one source; the pool that may write exists only where an operation needs it."""

    def __init__(self, config: SqlConfig, services: Services) -> None:
        self._config = config
        self._services = services
        self._databases: dict[bool, Database] = {}
        self._url: URL | None = None
        self._dialect = ""
        try:
            self._url = database_url(config.url, services.folder)
            self._dialect = self._url.get_backend_name()
        except DatabaseFault as fault:
            services.problem(fault.code, fault.message, path=("url",), hint=fault.hint)

    def build(self) -> SqlSource:
        bound = {name: self._bind(name, operation) for name, operation in self._config.operations.items()}
        operations = {name: operation for name, operation in bound.items() if operation is not None}
        return SqlSource(operations, self._databases.values())

    def _database(self, *, read_only: bool) -> Database:
        if read_only not in self._databases:
            engine = None
            try:
                if self._url is not None:
                    engine = open_engine(self._url, read_only=read_only, connections=self._config.connections)
            except DatabaseFault as fault:
                self._services.problem(fault.code, fault.message, path=("url",), hint=fault.hint)
            self._databases[read_only] = Database(engine, self._config.connections, self._services.clock, self._services.logger)
        return self._databases[read_only]

    def _bind(self, name: str, config: SqlOperationConfig) -> SqlOperation | None:
        path: Path = ("operations", name)
        try:
            statement = parse_statement(config.query, self._dialect)
        except SqlFault as fault:
            self._services.problem("GW250", fault.message, path=(*path, "query"), hint=fault.hint)
            return None
        read_only = self._config.read_only if config.read_only is None else config.read_only
        self._check_effect(statement, config, path, read_only=read_only)
        return SqlOperation(
            name,
            config,
            statement=statement,
            dialect=self._dialect,
            params=self._params(statement, config, path),
            database=self._database(read_only=read_only),
            max_rows=config.max_rows or self._config.max_rows,
            commits=not read_only,
        )

    def _check_effect(self, statement: Statement, config: SqlOperationConfig, path: Path, *, read_only: bool) -> None:
        if statement.writes and read_only:
            message = f"`{statement.keyword.upper()}` changes data, and this operation is `read_only`"
            self._services.problem("GW251", message, path=(*path, "query"), hint="write `read_only: false` where that is meant")
        if statement.writes and config.effect == "read":
            self._services.problem("GW251", "a statement that changes data can't have `effect: read`", path=(*path, "effect"))

    def _params(self, statement: Statement, config: SqlOperationConfig, path: Path) -> dict[str, Any]:
        """The written params, checked against the binds both ways; without any, each bind is a required argument."""
        if config.params is None:
            return {"type": "object", "properties": {name: {} for name in statement.binds}, "required": list(statement.binds)}
        params = written_params(config.params)
        check_declared(self._services, statement.binds, params, (*path, "query"), "the query")
        for name in properties_of(params):
            if name not in statement.binds:
                hint = did_you_mean(name, statement.binds)
                place = (*path, "params", "properties", name)
                self._services.problem("GW241", f"the query has no bind `:{name}`", path=place, hint=hint, key=True)
        if is_open(params):
            place = (*path, "params", "additionalProperties")
            self._services.problem("GW241", "arguments that `params` doesn't declare are never bound", path=place, key=True)
        return params


def build(config: SqlConfig, services: Services) -> SqlSource:
    """Reads and checks every statement; connects to nothing."""
    return _Builder(config, services).build()


component = Component(
    kind="source",
    name="sql",
    Config=SqlConfig,
    build=build,
    summary="A database; each operation is one SQL statement with bound names.",
    example="""\
source: oracle_billing
type: sql
url: sqlite:///billing.db
max_rows: 500
operations:
  history:
    summary: Invoices of a customer, newest first
    query: SELECT sku, amount, status, issued FROM invoices WHERE customer_id = :customer_id ORDER BY issued DESC
    params:
      type: object
      required: [customer_id]
      properties: {customer_id: {type: string}}
  by_sku:
    query: SELECT sku, amount FROM invoices WHERE sku IN :skus
    params:
      type: object
      required: [skus]
      properties: {skus: {type: array, items: {type: string}, maxItems: 500}}
""",
)
