"""Classified data reaches only roles that are cleared for it, and only sources that accept it (language §6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.config.document import Document
from gateway.expressions import Label
from gateway.planner.flows import FOR_EVERYBODY, Flow, Outflow, name_of
from gateway.planner.planned import Planned
from gateway.planner.ways import ARROW
from gateway.sdk import EVERYBODY, Path, SourceConfig

CLOSED_KINDS = frozenset({"llm", "event"})
"""Kinds of source that accept no class unless they say so."""


def classified_data(planned: Planned) -> None:
    """Reports classified data on its way to a role without clearance and without mask, or to a source that doesn't accept it."""
    if ("policy", "masking") in planned.loaded.broken:
        return
    for outflow in planned.outflows:
        if planned.findings.failed_in(outflow.document) or _follows(planned, outflow):
            continue
        for flow in outflow.flows:
            if flow.source is None:
                _check_roles(planned, outflow.document, flow, outflow.roles)
            else:
                _check_source(planned, outflow.document, flow)


def _follows(planned: Planned, outflow: Outflow) -> bool:
    """Whether it is told of the intent already whose answer is passed on."""
    return outflow.intent is not None and planned.findings.failed_in(planned.loaded.intents[outflow.intent][-1].document)


def _check_roles(planned: Planned, document: Document, flow: Flow, roles: Iterable[str]) -> None:
    for classification, origins in _by_class(flow.labels):
        if classification in FOR_EVERYBODY:
            continue
        open_to = (role for role in roles if classification not in planned.roles.cleared(role))
        uncleared = sorted(role for role in open_to if not _masked(planned, classification, flow, role))
        if uncleared:
            planned.findings.report(
                document,
                "GW532",
                f"{_named(flow)} is {classification} (from {origins}) and reaches {_listed(uncleared)} without clearance",
                flow.path,
                place=document.place(_exact(document, flow)),
                hint=f"give the role `clears: [{classification}]`, {_way_out(flow, classification)}",
                help=_way(flow, classification),
            )


def _check_source(planned: Planned, document: Document, flow: Flow) -> None:
    backend = planned.backends.get(flow.source or "")
    accepted = None if backend is None else accepts(backend.parsed.model)
    if accepted is None:
        return
    for classification, origins in _by_class(flow.labels):
        if classification not in accepted and classification != "public":
            planned.findings.report(
                document,
                "GW533",
                f"{_named(flow)} is {classification} (from {origins}), which source `{flow.source}` doesn't accept",
                flow.path,
                hint=f"leave it out, or write `accepts: [{classification}]` in the source where it may have it",
            )


def accepts(source: SourceConfig) -> frozenset[str] | None:
    """The classes that may be sent to a source; None for all."""
    if source.accepts is not None:
        return frozenset(source.accepts)
    return frozenset() if source.type in CLOSED_KINDS else None


def _by_class(labels: Iterable[Label]) -> Iterator[tuple[str, str]]:
    """Each class, with the fields that it comes from."""
    for classification in sorted({label.classification for label in labels}):
        origins = sorted({label.origin for label in labels if label.classification == classification})
        yield classification, ", ".join(origins[:3]) + (", …" if len(origins) > 3 else "")


def _masked(planned: Planned, classification: str, flow: Flow, role: str) -> bool:
    """Whether a mask holds for a role: an exception that can't be decided for it counts as none, a condition as one that doesn't hold."""
    return planned.masks is not None and any(
        planned.masks.holds_for(number, role) for number in planned.masks.about(_of_class(flow, classification), flow.marks)
    )


def _of_class(flow: Flow, classification: str) -> list[Label]:
    return [label for label in flow.labels if label.classification == classification]


def _way(flow: Flow, classification: str) -> str | None:
    way = flow.ways.get(classification)
    return None if way is None else ARROW.join(way)


def _way_out(flow: Flow, classification: str) -> str:
    if not flow.failure:
        return "mask the field, or leave it out"
    return f"or declare what the operation's `error` reads in its `output_schema`, with another class than {classification}"


def _named(flow: Flow) -> str:
    if flow.failure:
        return "what its failures tell"
    last = name_of(flow.member)
    return f"`{last}`" if last is not None else f"`{flow.path[-1]}`" if isinstance(flow.path[-1], str) else "this"


def _listed(roles: list[str]) -> str:
    if EVERYBODY in roles:
        return "every caller"
    names = ", ".join(f"`{role}`" for role in roles[:4]) + (", …" if len(roles) > 4 else "")
    return f"{'role' if len(roles) == 1 else 'roles'} {names}"


def _exact(document: Document, flow: Flow) -> Path:
    """The path of the member as far as it is written out in the document."""
    path, at = flow.path, document.data
    for part in path:
        at = at[part]
    for part in flow.member:
        if isinstance(at, dict) and "$do" in at:
            path, at = (*path, "$do"), at["$do"]
        elif isinstance(at, dict) and part in at:
            path, at = (*path, part), at[part]
        elif part != "[]":
            break
    return path
