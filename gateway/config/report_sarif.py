"""Problems as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/sarif-v2.1.0-errata01.html)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateway import __version__
from gateway.config.catalogue import ENTRIES
from gateway.config.excerpts import Excerpts
from gateway.config.replacement import replacement
from gateway.config.visible import one_line
from gateway.config.wording import dotted
from gateway.sdk.problem import Place, Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"
_FINGERPRINT = "problem/v1"


def sarif_log(problems: Sequence[Problem], *, folder: Path) -> dict[str, Any]:
    """The log of one run, as data for JSON. Files are relative to `SRCROOT`, which is `folder`; a fix is given where it is certain."""
    codes = sorted({problem.code for problem in problems})
    excerpts = Excerpts(folder)
    seen: Counter[str] = Counter()
    driver = {"name": "gateway", "version": __version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": f"{folder.resolve().as_uri()}/"}},
        "results": [_result(problem, codes.index(problem.code), excerpts, seen) for problem in problems],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    entry = ENTRIES.get(code)
    if entry is None:
        return {"id": code}
    text = entry.text or entry.title
    return {"id": code, "shortDescription": _message(entry.title), "fullDescription": _message(text), "help": _message(text)}


def _result(problem: Problem, rule: int, excerpts: Excerpts, seen: Counter[str]) -> dict[str, Any]:
    place = problem.place
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(place.file), "region": _region(place)}}
    if problem.path:
        location["logicalLocations"] = [{"fullyQualifiedName": one_line(dotted(problem.path))}]
    told = [text for text in (problem.message, problem.hint, problem.help) if text]
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": _message(*told),
        "locations": [location],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(problem, seen)},
    }
    change = replacement(problem, excerpts.line(place))
    if change is not None:
        written = {"deletedRegion": _region(change.place), "insertedContent": {"text": change.new}}
        fix = {"artifactChanges": [{"artifactLocation": _artifact(place.file), "replacements": [written]}]}
        result["fixes"] = [{"description": _message(f"write `{problem.fix}`"), **fix}]
    return result


def _message(*paragraphs: str) -> dict[str, str]:
    """A message that is all text: braces would be placeholders (§3.11.5), `[…](…)` a link (§3.11.6)."""
    text = "\n".join(map(one_line, paragraphs))
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _artifact(file: str) -> dict[str, str]:
    return {"uri": quote(file, errors="replace"), "uriBaseId": _ROOT}


def _region(place: Place) -> dict[str, int]:
    """Both count columns from 1 and name the one behind the last (§3.30.8)."""
    return {"startLine": place.line, "startColumn": place.column, "endColumn": place.end}


def _fingerprint(problem: Problem, seen: Counter[str]) -> str:
    """The same wherever in its file the problem moves to; the number tells problems apart that say the same of the same thing."""
    told = json.dumps([problem.code, problem.place.file, problem.path, problem.message])
    seen[told] += 1
    return hashlib.sha256(f"{told}{seen[told]}".encode()).hexdigest()
