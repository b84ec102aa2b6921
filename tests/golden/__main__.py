"""`python -m tests.golden [NAME…]` writes what is reported now into golden files (all of them, or these), to be read and committed;
`python -m tests.golden --summary` tells how many there are, and what they show."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from gateway.config.catalogue import CODES
from tests.golden.cases import PROBLEMS, check, read, rewrite

REPORTED = re.compile(r"^(error|warning)\[(GW\d+)\]", re.MULTILINE)


def summary() -> str:
    """How many cases and problems there are, and how often each code is shown."""
    reports = [read(path).report for path in sorted(PROBLEMS.glob("*.yaml"))]
    found = [problem for report in reports for problem in REPORTED.findall(report)]
    codes = Counter(code for _, code in found)
    severities = Counter(severity for severity, _ in found)
    shown = f"{len(reports)} configurations, {severities['error']} errors and {severities['warning']} warnings"
    lacking = sorted(set(CODES) - set(codes))
    told = f"{len(codes)} of {len(CODES)} codes" + (f", not {', '.join(lacking)}" if lacking else "")
    return f"{shown}, {told}\n" + "".join(f"{code} {codes[code]:4}  {title}\n" for code, title in CODES.items())


def write(names: list[str]) -> None:
    """Rewrites the reports of these cases, or of all."""
    for path in [PROBLEMS / f"{name}.yaml" for name in names] or sorted(PROBLEMS.glob("*.yaml")):
        with tempfile.TemporaryDirectory() as folder:
            rewrite(path, check(read(path), Path(folder))[1])


if __name__ == "__main__":
    if sys.argv[1:] == ["--summary"]:
        print(summary(), end="")
    else:
        write(sys.argv[1:])
