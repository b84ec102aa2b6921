"""The closing table of a run: what was skipped, which program is missing and how to get it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator

import pytest

# Any of these words in the reason of a skip names the program.
HOW_TO_GET = {
    "PostgreSQL": "make services",
    "postgres": "make services",
    "initdb": "make services",
    "pg_ctl": "make services",
    "psql": "make services",
    "redis-server": "make services",
    "npm": "make services",
    "node": "make services",
    "openssl": "apt-get install openssl, or brew install openssl",
    "git": "apt-get install git, or brew install git",
    "GATEWAY_TESTDATA": "set it to the folder of the conformance data",
}
NAMES = {name.lower(): name for name in HOW_TO_GET}


class SkipTable:
    """Plugin of a test run. With `require_services`, a skipped `service` test fails instead."""

    def __init__(self, *, require_services: bool) -> None:
        self.require_services = require_services
        self.skipped: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if self.require_services and report.skipped and item.get_closest_marker("service"):
            report.outcome = "failed"
            report.longrepr = f"a service test may not be skipped here: {reason_of(report)}"
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped[reason_of(report)] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped[reason_of(report)] += 1

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.section("skipped")
            for line in table(self.skipped):
                terminalreporter.line(line)


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return " ".join(text.removeprefix("Skipped: ").split())


def missing_program(reason: str) -> str | None:
    """The program that a reason names, as a whole word, case aside."""
    found = re.search(rf"\b({'|'.join(map(re.escape, NAMES))})\b", reason.lower())
    return NAMES[found.group()] if found else None


def table(skipped: Counter[str]) -> list[str]:
    rows = [("tests", "missing", "how to get it", "reason")]
    for reason, count in skipped.most_common():
        program = missing_program(reason)
        rows.append((str(count), program or "-", HOW_TO_GET[program] if program else "-", reason))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
