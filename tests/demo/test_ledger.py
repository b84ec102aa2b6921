"""The finance database holds every invoice line, amounts exactly as they are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from gateway.demo.company import Company
from gateway.demo.ledger import write_ledger


def test_holds_every_line(company: Company, tmp_path: Path) -> None:
    file = tmp_path / "billing.db"
    write_ledger(file, company.invoice_lines)
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT invoice_no, sku, amount, typeof(amount) FROM invoice_lines").fetchall()
    assert {(number, sku): amount for number, sku, amount, _ in rows} == {
        (line.invoice_no, line.sku): line.amount for line in company.invoice_lines
    }
    assert {kind for *_, kind in rows} == {"text"}
    assert all(Decimal(amount).as_tuple().exponent == -2 for _, _, amount, _ in rows)


def test_history_of_a_customer_uses_the_index(company: Company, tmp_path: Path) -> None:
    file = tmp_path / "billing.db"
    write_ledger(file, company.invoice_lines)
    with closing(sqlite3.connect(file)) as database:
        plan = database.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM invoice_lines WHERE customer_id = 'C1001' ORDER BY issued DESC"
        ).fetchall()
    assert "USING INDEX by_customer" in str(plan)
