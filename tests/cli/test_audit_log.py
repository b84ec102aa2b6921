"""`gateway audit-log`: whether records are as they were written, and what they say."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.policies.audit_entry import Entry, write
from gateway.sdk import Mark
from gateway.stores.sql_records import SqlRecords
from gateway.stores.sqlite import SqliteDriver
from tests.cli.conftest import Run

FILE = "var/gateway.db"


def body(number: int, **members: object) -> str:
    record = {"event": "request", "intent": "hours", "user.id": f"u{number}", **members}
    return write(Entry(datetime(2026, 11, number, tzinfo=UTC), record), str(number))


@pytest.fixture
def head(folder: Path) -> Mark:
    """The configuration's store holds three records."""
    store = SqlRecords(SqliteDriver(folder / FILE))
    chain = store.append([body(1), body(2, intent="echo"), body(3, **{"user.id": "\x1b[31m\x7fü\u202e"})])
    store.close()
    return chain.head


def change(folder: Path, sql: str) -> None:
    connection = sqlite3.connect(folder / FILE, isolation_level=None)
    connection.execute(sql)
    connection.close()


class TestVerify:
    def test_all_is_as_it_was_written(self, run: Run, folder: Path, head: Mark) -> None:
        result = run("audit-log", "verify", "-C", folder)
        assert result.exit_code == 0
        assert result.stdout == f"3 records\nhead 3:{head.digest}\nall are as they were written\n"

    def test_as_json(self, run: Run, folder: Path, head: Mark) -> None:
        result = run("audit-log", "verify", "-C", folder, "--format", "json", "--expect", f"3:{head.digest}")
        assert (result.exit_code, json.loads(result.stdout)) == (0, {
            "schema_version": 1, "ok": True, "records": 3, "removed": 0, "head": {"sequence": 3, "digest": head.digest}, "findings": [],
        })  # fmt: skip

    @pytest.mark.parametrize(
        ("sql", "said"),
        [
            ("UPDATE gateway_audit_records SET body = replace(body, 'u2', 'u9') WHERE sequence = 2", "changed: record 2 is not what"),
            ("UPDATE gateway_audit_records SET body = CAST(body AS BLOB) WHERE sequence = 2", "changed: record 2 is not what"),
            ("UPDATE gateway_audit_records SET digest = x'ff00' WHERE sequence = 2", "changed: record 2 is not what"),
            ("UPDATE gateway_audit_records SET digest = CAST(x'1b5b33316d' AS TEXT) WHERE sequence = 3", "changed: record 3 is not what"),
            ("UPDATE gateway_audit_records SET sequence = 9 WHERE sequence = 2", "gap: record 2 is missing"),
            ("DELETE FROM gateway_audit_records WHERE sequence = 1", "gap: record 1 is missing"),
            ("DELETE FROM gateway_audit_records WHERE sequence = 3", "tail: the chain ended with record 3, and now ends with 2"),
            ("DELETE FROM gateway_audit_records", "tail: the chain ended with record 3, and now ends with 0"),
            ("UPDATE gateway_audit_chain SET head_sequence = 2", "tail: the chain ended with record 2, and now ends with 3"),
            ("UPDATE gateway_audit_chain SET start_sequence = 1", "start: the records up to 1 were removed, and no record says so"),
            ("DROP TABLE gateway_audit_records", "the records can't be read: OperationalError SQLITE_ERROR"),
            ("DELETE FROM gateway_layout", "the records can't be read: there are no audit records in it"),
        ],
    )
    def test_tampering_is_found_and_placed(self, run: Run, folder: Path, head: Mark, sql: str, said: str) -> None:
        change(folder, sql)
        result = run("audit-log", "verify", "-C", folder)
        assert result.exit_code == 1
        assert said in result.stdout
        assert result.stdout.replace("\n", "").isprintable()
        as_json = run("audit-log", "verify", "-C", folder, "--format", "json")
        assert as_json.exit_code == 1
        assert json.loads(as_json.stdout)["ok"] is False

    def test_an_end_that_was_cut_off_cleanly_is_found_by_a_kept_head(self, run: Run, folder: Path, head: Mark) -> None:
        change(folder, "DELETE FROM gateway_audit_records WHERE sequence = 3")
        second = "(SELECT digest FROM gateway_audit_records WHERE sequence = 2)"
        change(folder, f"UPDATE gateway_audit_chain SET head_sequence = 2, head_digest = {second}")
        assert run("audit-log", "verify", "-C", folder).exit_code == 0
        result = run("audit-log", "verify", "-C", folder, "--expect", f"3:{head.digest}")
        assert result.exit_code == 1
        assert "expected: the chain held record 3, and now ends with 2" in result.stdout

    @pytest.mark.parametrize("given", ["3", "3:abc", "0:" + "0" * 64, "x:" + "0" * 64, "99999999999999999999:" + "0" * 64])
    def test_a_head_is_a_number_and_a_digest(self, run: Run, folder: Path, given: str) -> None:
        result = run("audit-log", "verify", "-C", folder, "--expect", given)
        assert result.exit_code == 2
        assert "write NUMBER:DIGEST" in result.stderr

    def test_a_store_that_is_not_there(self, run: Run, folder: Path) -> None:
        result = run("audit-log", "verify", "-C", folder)
        assert (result.exit_code, result.stdout) == (5, "")
        assert result.stderr == "the store of the records can't be reached: OperationalError SQLITE_CANTOPEN\n"
        assert not (folder / FILE).exists()

    def test_a_broken_configuration(self, run: Run, broken: Path) -> None:
        assert run("audit-log", "verify", "-C", broken).exit_code == 3


class TestShow:
    def shown(self, run: Run, folder: Path, *options: str) -> list[int]:
        result = run("audit-log", "show", "-C", folder, *options)
        assert result.exit_code == 0
        return [json.loads(line)["sequence"] for line in result.stdout.splitlines()]

    def test_lines_of_json_that_no_terminal_obeys(self, run: Run, folder: Path, head: Mark) -> None:
        result = run("audit-log", "show", "-C", folder)
        assert result.stdout.isascii()
        assert result.stdout.replace("\n", "").isprintable()
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        assert [line["user.id"] for line in lines] == ["u1", "u2", "\x1b[31m\x7fü\u202e"]

    def test_some_of_them(self, run: Run, folder: Path, head: Mark) -> None:
        assert self.shown(run, folder, "--intent", "echo") == [2]
        assert self.shown(run, folder, "--user", "u1") == [1]
        assert self.shown(run, folder, "--user", "u1", "--intent", "echo") == []
        assert self.shown(run, folder, "--since", "2026-11-02") == [2, 3]
        assert self.shown(run, folder, "--since", "2026-11-02T01:00:00+02:00") == [2, 3]
        assert self.shown(run, folder, "--since", "2026-11-02T03:00:00+02:00") == [3]
        assert self.shown(run, folder, "--since", "36500d") == [1, 2, 3]

    @pytest.mark.parametrize("since", ["yesterday", "24", "99999999999d", "0001-01-01T00:00:00+14:00"])
    def test_times_that_are_none(self, run: Run, folder: Path, since: str) -> None:
        assert run("audit-log", "show", "-C", folder, "--since", since).exit_code == 2

    def test_what_was_made_unreadable_is_shown_as_such(self, run: Run, folder: Path, head: Mark) -> None:
        change(folder, "UPDATE gateway_audit_records SET body = CAST(x'1b5b41ff' AS TEXT) WHERE sequence = 1")
        change(folder, "UPDATE gateway_audit_records SET body = '[' WHERE sequence = 2")
        result = run("audit-log", "show", "-C", folder)
        first, second, _ = map(json.loads, result.stdout.splitlines())
        assert (first, second) == ({"sequence": 1, "unreadable": "\x1b[A\udcff"}, {"sequence": 2, "unreadable": "["})
        assert result.stdout.replace("\n", "").isprintable()

    def test_without_a_chain(self, run: Run, folder: Path, head: Mark) -> None:
        change(folder, "DROP TABLE gateway_audit_records")
        assert run("audit-log", "show", "-C", folder).exit_code == 1
