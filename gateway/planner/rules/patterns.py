"""Patterns on names, such as `billing_*` and `intent:billing_*`, outside of what roles allow."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.config.document import Document
from gateway.planner.access import check_kind, form_of
from gateway.planner.planned import Planned
from gateway.sdk import Path

NAMED = frozenset({"intent", "route", "source"})
"""Kinds of permission whose names the configuration gives."""


def check_permission(planned: Planned, document: Document, pattern: str, path: Path) -> None:
    """GW503 and GW504 of a permission `kind:name`."""
    kind, _, name = pattern.partition(":")
    if check_kind(pattern, document, path, planned.findings) and kind in NAMED:
        _check(planned, document, ("GW503", kind), name, known=planned.loaded.names(kind), path=path)


def check_pattern(planned: Planned, document: Document, pattern: str, path: Path, *, known: Iterable[str]) -> None:
    """GW227 and GW504 of a pattern on names of intents."""
    _check(planned, document, ("GW227", "intent"), pattern, known=known, path=path)


def _check(planned: Planned, document: Document, unknown: tuple[str, str], pattern: str, *, known: Iterable[str], path: Path) -> None:
    """`unknown` is the code and the word for a name that is not there."""
    names = list(known)
    code, what = unknown
    if "*" not in pattern:
        if pattern not in names:
            planned.findings.unknown(document, code, what, pattern, known=names, path=path)
        return
    form = form_of(pattern)
    if pattern.strip("*") and not any(form.fullmatch(name) for name in names):
        planned.findings.report(
            document, "GW504", f"no {what} is called `{pattern}`", path, hint="there may be a spelling mistake before the `*`",
            severity="warning",
        )  # fmt: skip
