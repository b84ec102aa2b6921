"""Store `postgresql`: records in a PostgreSQL database that a fleet shares. Needs the extra `gateway[postgres]`."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

from gateway.sdk import Component, Model, RecordStore, Secret, Services, described
from gateway.stores.sql_records import SqlRecords

DRIVER = "gateway.stores.postgres_driver"


class PostgresConfig(Model, frozen=True, kw_only=True):
    """A database."""

    url: Annotated[Secret, described("The database: `postgresql://user:password@host/name`.")]


def build(config: PostgresConfig, services: Services) -> RecordStore | None:
    """None, and a problem, where the driver is not installed or doesn't understand the URL."""
    try:
        driver: Any = import_module(DRIVER)
    except ImportError:
        hint = "install it with `pip install 'gateway[postgres]'`"
        services.problem("GW253", "the database driver `psycopg` is not installed", path=(), hint=hint)
        return None
    if not driver.understands(config.url):
        hint = "write for example `postgresql://user@host/name`"
        services.problem("GW252", "this is not a URL of a PostgreSQL database", path=(), hint=hint)
        return None
    return SqlRecords(driver.PostgresDriver(services.secret(config.url, path=())))


component = Component(
    kind="store",
    name="postgresql",
    Config=PostgresConfig,
    build=build,
    summary="Records in a PostgreSQL database that a fleet shares.",
    example="stores: {records: 'postgresql://gateway@db.acme.example/records'}",
)
