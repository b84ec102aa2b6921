"""The finance department's reporting database: a SQLite file with every invoice line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec

from gateway.demo.company import InvoiceLine

# Amounts are text: SQLite has no exact decimals.
SCHEMA = """
CREATE TABLE invoice_lines (
    invoice_no TEXT NOT NULL, order_id TEXT NOT NULL, customer_id TEXT NOT NULL, sku TEXT NOT NULL, product TEXT NOT NULL,
    quantity INTEGER NOT NULL, amount TEXT NOT NULL, state TEXT NOT NULL, issued TEXT NOT NULL, due TEXT NOT NULL,
    PRIMARY KEY (invoice_no, sku)
);
CREATE INDEX by_customer ON invoice_lines (customer_id, issued);
"""


def write_ledger(file: Path, lines: Iterable[InvoiceLine]) -> None:
    """Makes `file` with all `lines`."""
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(SCHEMA)
        database.executemany("INSERT INTO invoice_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(msgspec.structs.astuple, lines))
