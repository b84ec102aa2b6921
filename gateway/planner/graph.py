"""The DAG of an intent's steps: what waits for what, what is pruned, which barriers stand before writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec


class Node(msgspec.Struct, frozen=True):
    """A step as the graph sees it. `reads` are steps whose values it uses, `after` those that `depends_on` names."""

    id: str
    reads: frozenset[str]
    after: frozenset[str] = frozenset()
    writes: bool = False
    checks: bool = False


Edges = dict[str, set[str]]
"""For each step, the steps that it waits for."""


def unread(nodes: Iterable[Node], read_by_answer: frozenset[str]) -> set[str]:
    """Read steps that nothing reads and that carry no `ensure`."""
    by_id = {node.id: node for node in nodes}
    waiting = [node.id for node in by_id.values() if node.writes or node.checks or node.id in read_by_answer]
    kept: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in kept or name not in by_id:
            continue
        kept.add(name)
        waiting += by_id[name].reads | by_id[name].after
    return set(by_id) - kept


def edges(nodes: Mapping[str, Node]) -> Edges:
    """What each step waits for by its references and `depends_on`."""
    return {name: {other for other in node.reads | node.after if other in nodes} for name, node in nodes.items()}


def add_barriers(nodes: Mapping[str, Node], waits: Edges) -> Edges:
    """Adds, for every write, each step with checks that isn't downstream of it; gives the barriers by write."""
    checks = {node.id for node in nodes.values() if node.checks}
    after = followers(waits) if checks else {}
    barriers = {name: checks - downstream(name, after) - {name} for name, node in nodes.items() if node.writes}
    for name, before in barriers.items():
        waits[name] |= before
    return barriers


def followers(waits: Edges) -> dict[str, list[str]]:
    """For each step, those that wait for it, in the order of `waits`."""
    found: dict[str, list[str]] = {name: [] for name in waits}
    for name, before in waits.items():
        for other in before:
            found[other].append(name)
    return found


def downstream(name: str, after: Mapping[str, Iterable[str]]) -> set[str]:
    """All steps that wait for `name`, directly or not; `after` are the followers of each."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in after.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def cycle(waits: Edges) -> list[str] | None:
    """One circle of steps that wait for each other, or None; deterministic."""
    done: set[str] = set()
    for start in waits:
        trail: list[str] = []
        found = _search(start, waits, done, trail)
        if found is not None:
            return found
    return None


def cycles(waits: Edges) -> list[list[str]]:
    """Circles that share no step, until none is left; deterministic."""
    found: list[list[str]] = []
    left = waits
    while (circle := cycle(left)) is not None:
        found.append(circle)
        left = {name: before.difference(circle) for name, before in left.items() if name not in circle}
    return found


def _search(start: str, waits: Edges, done: set[str], trail: list[str]) -> list[str] | None:
    pending = [(start, iter(sorted(waits[start])))]
    on_trail = {start}
    trail.append(start)
    while pending:
        name, others = pending[-1]
        following = next(others, None)
        if following is None:
            pending.pop()
            done.add(name)
            on_trail.discard(name)
            trail.pop()
        elif following in on_trail:
            return trail[trail.index(following) :]
        elif following not in done and following in waits:
            pending.append((following, iter(sorted(waits[following]))))
            on_trail.add(following)
            trail.append(following)
    return None


def order(waits: Edges) -> list[str]:
    """A topological order; among steps that are ready at once, the order in which they were written."""
    after = followers(waits)
    written = {name: position for position, name in enumerate(waits)}
    missing = {name: len(before) for name, before in waits.items()}
    ready = [name for name, count in missing.items() if not count]
    ordered: list[str] = []
    while ready:
        ordered += ready
        done, ready = ready, []
        for name in (follower for before in done for follower in after[before]):
            missing[name] -= 1
            if not missing[name]:
                ready.append(name)
        ready.sort(key=written.__getitem__)
    if len(ordered) < len(waits):
        raise ValueError("the steps wait for each other in a circle")
    return ordered


def waves(waits: Edges) -> list[list[str]]:
    """The steps that could start together if each took the same time; for display only, nothing waits for a wave."""
    level: dict[str, int] = {}
    for name in order(waits):
        level[name] = 1 + max((level[other] for other in waits[name]), default=-1)
    found: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name, number in level.items():
        found[number].append(name)
    return found
