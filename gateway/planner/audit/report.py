"""Findings as text, JSON, SARIF and annotations. Lines of files are not shown: a secret may stand in one."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway.config.report_github import render_github
from gateway.config.report_sarif import sarif_log
from gateway.config.visible import one_line
from gateway.planner.audit.catalogue import ENTRIES, Severity
from gateway.planner.audit.finding import SEVERITIES, Finding
from gateway.sdk import Problem
from gateway.sdk import Severity as ProblemSeverity

_LEVELS: Mapping[Severity, str] = MappingProxyType({"high": "error", "medium": "warning", "low": "note"})
_ANNOTATIONS: Mapping[Severity, str] = MappingProxyType({"high": "error", "medium": "warning", "low": "notice"})
_TONES: Mapping[Severity, str] = MappingProxyType({"high": "\x1b[1;31m", "medium": "\x1b[1;33m", "low": "\x1b[1;34m"})
_RESET = "\x1b[0m"
_WIDTH = 100


def render_text(findings: Sequence[Finding], *, color: bool = False) -> str:
    """One block a code: where it is found and what is there, why that is unwise, and what to do."""
    return "\n".join(_block(code, each, color=color) for code, each in groupby(findings, key=lambda finding: finding.code))


def tally(findings: Sequence[Finding]) -> str:
    """`2 high, 1 medium, 0 low`."""
    return ", ".join(f"{count} {severity}" for severity, count in counts(findings).items())


def counts(findings: Sequence[Finding]) -> dict[Severity, int]:
    """How many there are of each severity."""
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in SEVERITIES}


def json_record(findings: Sequence[Finding]) -> dict[str, Any]:
    """`{"schema_version": 1, "findings": […], "counts": {…}}`."""
    return {"schema_version": 1, "findings": [finding.as_json() for finding in findings], "counts": counts(findings)}


def sarif(findings: Sequence[Finding], *, folder: Path) -> dict[str, Any]:
    """A SARIF 2.1.0 log; `low` is a note."""
    log = sarif_log([_problem(finding) for finding in findings], folder=folder)
    (run,) = log["runs"]
    for result, finding in zip(run["results"], findings, strict=True):
        result["level"] = _LEVELS[finding.severity]
    for rule in run["tool"]["driver"]["rules"]:
        entry = ENTRIES[rule["id"]]
        rule |= {
            "shortDescription": {"text": entry.title},
            "fullDescription": {"text": entry.why},
            "help": {"text": entry.advice.replace("{", "{{").replace("}", "}}")},
            "defaultConfiguration": {"level": _LEVELS[entry.severity]},
        }
    return log


def github(findings: Sequence[Finding], *, folder: Path) -> str:
    """Annotations of GitHub Actions, one line a finding; `low` is a notice."""
    lines = render_github([_problem(finding) for finding in findings], folder=folder).splitlines()
    return "".join(f"::{_ANNOTATIONS[finding.severity]} {line.partition(' ')[2]}\n" for line, finding in zip(lines, findings, strict=True))


def _block(code: str, findings: Iterable[Finding], *, color: bool) -> str:
    entry = ENTRIES[code]
    tone, reset = (_TONES[entry.severity], _RESET) if color else ("", "")
    rows = [f"{tone}{entry.severity}[{code}]{reset}: {entry.title}"]
    for finding in findings:
        place = finding.place
        rows += [f"  --> {one_line(place.file)}:{place.line}:{place.column}", f"      {one_line(finding.message)}"]
    return "\n".join([*rows, *_paragraph("  = why: ", entry.why), *_paragraph("  = do: ", entry.advice)]) + "\n"


def _paragraph(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=label, subsequent_indent=" " * len(label), break_on_hyphens=False)


def _problem(finding: Finding) -> Problem:
    """What the renderings of problems take."""
    entry = ENTRIES[finding.code]
    severity: ProblemSeverity = "error" if entry.severity == "high" else "warning"
    return Problem(finding.code, severity, f"{entry.title}: {finding.message}", finding.place, finding.path, help=entry.advice)
