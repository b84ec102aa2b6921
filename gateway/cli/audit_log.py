"""`gateway audit-log`: the audit records, and whether they are as they were written. (`gateway audit` is about configurations.)"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from gateway.cli.exits import FINDINGS, OK, UNREACHABLE, plan_or_exit
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.cli.printing import print_json, print_text
from gateway.policies.audit_entry import stamp
from gateway.sdk import Duration, Link, Mark, RecordsDamaged, RecordStore, RecordsUnavailable
from gateway.stores.verification import Verdict, verify

HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


@click.group("audit-log")
def command() -> None:
    """Verify and show audit records."""


def _head(_context: click.Context, _parameter: click.Parameter, written: str | None) -> Mark | None:
    if written is None:
        return None
    match = HEAD.fullmatch(written)
    if match is None:
        raise click.BadParameter("write NUMBER:DIGEST, as `verify` prints it")
    return Mark(int(match[1]), match[2])


def _time(_context: click.Context, _parameter: click.Parameter, written: str | None) -> str | None:
    """A length of time before now, or a time as ISO 8601; without a zone it is UTC."""
    if written is None:
        return None
    try:
        return stamp(datetime.now(UTC) - timedelta(seconds=Duration.parse(written)))
    except (ValueError, OverflowError):
        pass
    try:
        time = datetime.fromisoformat(written)
        return stamp(time if time.tzinfo is not None else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise click.BadParameter("write a length of time such as `24h`, or a time such as `2026-11-20T12:00:00`") from error


@command.command("verify")
@shared
@environment
@output_format("text", "json")
@click.option("--expect", metavar="NUMBER:DIGEST", callback=_head, help="A head that was kept: the records must still lead up to it.")
@common
def verify_command(given: Common, *, folder: Path | None, color: str | None, env: str | None, form: str, expect: Mark | None) -> None:
    """Tell whether any record was changed, moved, put in or taken out.

    The head that is printed, kept elsewhere, lets a later `--expect` notice even that the whole end was cut off or written anew.

    Ends with 0 where all is as it was written, 1 where it is not, 5 where the store can't be reached.
    """
    with _store(given, folder, env, color) as store:
        try:
            with store.snapshot() as (chain, links):
                verdict = verify(chain, links, expect)
        except RecordsDamaged as damage:
            _tell_damage(str(damage), form)
    if form == "json":
        print_json(_as_json(verdict))
    else:
        print_text(_as_text(verdict))
    sys.exit(FINDINGS if verdict.findings else OK)


@command.command("show")
@shared
@environment
@click.option("--since", metavar="TIME", callback=_time, help="Only from this time on: `24h`, or `2026-11-20T12:00:00`.")
@click.option("--intent", help="Only of this intent.")
@click.option("--user", help="Only of the caller with this id.")
@common
def show_command(
    given: Common, *, folder: Path | None, color: str | None, env: str | None, since: str | None, intent: str | None, user: str | None
) -> None:
    """Print records as lines of JSON, oldest first. Whether they are as they were written tells `verify`."""
    wanted = {name: value for name, value in (("intent", intent), ("user.id", user)) if value is not None}
    with _store(given, folder, env, color) as store:
        try:
            with store.snapshot() as (_, links):
                for link in links:
                    record = _record(link)
                    if _is_wanted(record, wanted, since):
                        click.echo(_line({"sequence": link.sequence, **record}))
        except RecordsDamaged as damage:
            click.echo(f"the records can't be read: {damage}", err=True)
            sys.exit(FINDINGS)


@contextmanager
def _store(given: Common, folder: Path | None, env: str | None, color: str | None) -> Iterator[RecordStore]:
    plan, _ = plan_or_exit(given.where(folder), env, colored=given.colored(color))
    if plan.records is None:
        raise RuntimeError("a plan without errors has a store of records")
    try:
        yield plan.records
    except RecordsUnavailable as error:
        click.echo(f"the store of the records can't be reached: {error}", err=True)
        sys.exit(UNREACHABLE)


def _tell_damage(reason: str, form: str) -> NoReturn:
    if form == "json":
        print_json({"schema_version": 1, "ok": False, "findings": [{"kind": "damaged", "sequence": None, "message": reason}]})
    else:
        print_text(f"the records can't be read: {reason}\n")
    sys.exit(FINDINGS)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "ok": not verdict.findings,
        "records": verdict.count,
        "removed": verdict.start.sequence,
        "head": {"sequence": verdict.head.sequence, "digest": _escaped(verdict.head.digest)},
        "findings": [{"kind": each.kind, "sequence": each.sequence, "message": each.message} for each in verdict.findings],
    }


def _as_text(verdict: Verdict) -> str:
    removed = f", {verdict.start.sequence} older ones were removed" if verdict.start.sequence else ""
    lines = [f"{verdict.count} records{removed}", f"head {verdict.head.sequence}:{_escaped(verdict.head.digest)}"]
    lines += [f"{finding.kind}: {finding.message}" for finding in verdict.findings]
    lines += ["they are not as they were written" if verdict.findings else "all are as they were written"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Digests may have been tampered with too: nothing of them reaches a terminal as it is."""
    return json.dumps(text)[1:-1].replace("\x7f", "\\u007f")


def _record(link: Link) -> dict[str, Any]:
    try:
        record = json.loads(link.body)
    except (ValueError, TypeError, RecursionError):
        record = None
    return record if isinstance(record, dict) else {"unreadable": str(link.body)}


def _is_wanted(record: dict[str, Any], wanted: dict[str, str], since: str | None) -> bool:
    if since is not None and not str(record.get("time", "")) >= since:
        return False
    return all(record.get(name) == value for name, value in wanted.items())


def _line(record: dict[str, Any]) -> str:
    """ASCII alone, controls escaped: no record reaches a terminal as it is."""
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")).replace("\x7f", "\\u007f")
