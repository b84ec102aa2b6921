"""From drafts to steps in their places: pruned, ordered, with barriers before writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.planner import graph
from gateway.planner.compiler import Compiler
from gateway.planner.reading import STEP_ROOTS, steps_read
from gateway.planner.steps import StepDraft
from gateway.runtime.plan import StepPlan
from gateway.sdk import NO_LIMITS, Reference, StepLimits


def arrange(drafts: Sequence[StepDraft], read_by_answer: frozenset[str], compiler: Compiler) -> tuple[StepPlan, ...]:
    """The steps of an intent in topological order. Reports circles, steps that nothing reads, and writes that block each other."""
    nodes = {draft.id: _node(draft) for draft in drafts}
    told = all(draft.known for draft in drafts) and not compiler.findings.failed_in(compiler.document)
    if circles := graph.cycles(graph.edges(nodes)):
        for circle in circles:
            _report_circle(circle, drafts, compiler)
        return ()
    for name in sorted(graph.unread(nodes.values(), read_by_answer)):
        if told:  # what isn't understood may well read it
            _report_unread(name, compiler)
        del nodes[name]
    waits = graph.edges(nodes)
    barriers = graph.add_barriers(nodes, waits)
    if (blocked := graph.cycle(waits)) is not None:
        _report_blocked(blocked, nodes, compiler)
        return ()
    ordered = graph.order(waits)
    position = {name: index for index, name in enumerate(ordered)}
    by_id = {draft.id: draft for draft in drafts}
    after = graph.followers(waits)
    return tuple(_step(by_id[name], position, waits[name], after[name], barriers.get(name, ())) for name in ordered)


def _node(draft: StepDraft) -> graph.Node:
    reads = {name for use in draft.uses for name in steps_read(use.compiled)}
    return graph.Node(draft.id, frozenset(reads), frozenset(draft.model.depends_on), writes=draft.writes, checks=draft.checks)


def _step(draft: StepDraft, position: dict[str, int], waits: Iterable[str], followers: Iterable[str], barriers: Iterable[str]) -> StepPlan:
    return StepPlan(
        id=draft.id,
        action=draft.action,
        waits_for=tuple(sorted(position[other] for other in waits)),
        followers=tuple(sorted(position[other] for other in followers)),
        writes=draft.writes,
        barriers=tuple(sorted(position[other] for other in barriers)),
        when=draft.when,
        foreach=draft.foreach,
        ladder=draft.ladder,
        ensures=draft.ensures,
        output=draft.output,
        transforms=draft.transforms,
        required=draft.model.required,
        timeout=draft.model.timeout,
        limits=_limits(draft),
    )


def _limits(draft: StepDraft) -> StepLimits:
    by_ladder = any(rung.stale is not None for rung in draft.ladder)
    retry, cache = draft.model.retry, draft.model.cache
    return StepLimits(retry, cache, by_ladder) if by_ladder or retry is not None or cache is not None else NO_LIMITS


def _report_unread(name: str, compiler: Compiler) -> None:
    compiler.findings.report(
        compiler.document, "GW231", f"nothing reads step `{name}`, so it never runs", ("steps", name), key=True,
        hint="use its value in `output`, `reply` or another step, or take it out", severity="warning",
    )  # fmt: skip


def _report_circle(circle: list[str], drafts: Sequence[StepDraft], compiler: Compiler) -> None:
    if len(circle) == 1:
        _report_itself(next(draft for draft in drafts if draft.id == circle[0]), compiler)
        return
    text = " → ".join([*circle, circle[0]])
    compiler.findings.report(
        compiler.document, "GW221", f"steps wait for each other in a circle: {text}", ("steps", circle[0]), key=True,
        hint="one of them has to do without another",
    )  # fmt: skip


def _report_itself(draft: StepDraft, compiler: Compiler) -> None:
    report, document = compiler.findings.report, compiler.document
    own: list[Reference] = [(root, draft.id) for root in sorted(STEP_ROOTS)]
    hint = "`ensure` and `output` see it as `result`"
    for use, reference in [(use, reference) for use in draft.uses for reference in own if reference in use.compiled.spans]:
        for place in use.places(reference, document):
            report(document, "GW229", f"step `{draft.id}` reads its own value", use.path, place=place, hint=hint)
    if draft.id in draft.model.depends_on:
        path = ("steps", draft.id, "depends_on", draft.model.depends_on.index(draft.id))
        report(document, "GW229", f"step `{draft.id}` depends on itself", path, hint="take it out")


def _report_blocked(circle: list[str], nodes: dict[str, graph.Node], compiler: Compiler) -> None:
    writes = [name for name in circle if nodes[name].writes]
    named = " and ".join(f"`{name}`" for name in (writes or circle)[:2])
    compiler.findings.report(
        compiler.document, "GW301", f"{named} wait for each other's `ensure`", ("steps", (writes or circle)[0]), key=True,
        hint="order the writes with `depends_on`",
    )  # fmt: skip
