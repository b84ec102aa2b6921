"""The DAG: laws that hold for every graph."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.planner.graph import Edges, Node, add_barriers, cycle, cycles, downstream, edges, followers, order, unread, waves

NAMES = "abcdefgh"
subsets = st.frozensets(st.sampled_from(NAMES), max_size=3)


@st.composite
def graphs(draw: st.DrawFn, *, circles: bool = True) -> dict[str, Node]:
    """Steps in the order written; without `circles` each reads earlier ones only, and the order is shuffled."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    nodes = []
    for position, name in enumerate(names):
        visible = frozenset(names if circles else names[:position])
        reads, after = draw(subsets) & visible, draw(subsets) & visible
        nodes.append(Node(name, reads, after, writes=draw(st.booleans()), checks=draw(st.booleans())))
    shuffled = draw(st.permutations(nodes))
    return {node.id: node for node in shuffled}


def ancestors(name: str, waits: Edges) -> set[str]:
    """What must be done before `name`, by plain recursion to a fixed point."""
    found: set[str] = set(waits[name])
    while (more := found | {other for each in found for other in waits[each]}) != found:
        found = more
    return found


def test_edges_are_references_and_depends_on_among_known_steps() -> None:
    nodes = {"a": Node("a", frozenset({"b", "unknown"}), frozenset({"c"})), "b": Node("b", frozenset()), "c": Node("c", frozenset())}
    assert edges(nodes) == {"a": {"b", "c"}, "b": set(), "c": set()}


@given(graphs())
def test_there_is_a_circle_exactly_where_a_step_comes_before_itself(nodes: dict[str, Node]) -> None:
    waits = edges(nodes)
    circle = cycle(waits)
    assert (circle is not None) is any(name in ancestors(name, waits) for name in waits)
    if circle is not None:
        assert all(following in waits[name] for name, following in zip(circle, [*circle[1:], circle[0]], strict=True))
        assert len(set(circle)) == len(circle)


@given(graphs())
def test_every_circle_is_found_or_shares_a_step_with_one_found(nodes: dict[str, Node]) -> None:
    waits = edges(nodes)
    found = cycles(waits)
    flat = [name for circle in found for name in circle]
    assert len(flat) == len(set(flat))
    assert cycle({name: before - set(flat) for name, before in waits.items() if name not in flat}) is None


@given(graphs(circles=False))
def test_order_is_topological_and_complete(nodes: dict[str, Node]) -> None:
    waits = edges(nodes)
    ordered = order(waits)
    assert sorted(ordered) == sorted(nodes)
    position = {name: index for index, name in enumerate(ordered)}
    assert all(position[before] < position[name] for name in waits for before in waits[name])


def test_among_ready_steps_order_is_that_of_the_file() -> None:
    assert order({"c": set(), "a": set(), "b": {"c"}}) == ["c", "a", "b"]


def test_no_order_of_a_circle() -> None:
    with pytest.raises(ValueError, match="circle"):
        order({"a": {"b"}, "b": {"a"}})


@given(graphs(), subsets)
def test_unread_are_exactly_the_reads_that_lead_to_nothing(nodes: dict[str, Node], answer: frozenset[str]) -> None:
    waits = edges(nodes)
    wanted = {name for name, node in nodes.items() if node.writes or node.checks or name in answer}
    needed = wanted.union(*(ancestors(name, waits) for name in wanted))
    assert unread(nodes.values(), answer) == set(nodes) - needed


@given(graphs(circles=False))
def test_every_write_waits_for_every_check_that_is_not_behind_it(nodes: dict[str, Node]) -> None:
    plain = edges(nodes)
    waits = {name: set(before) for name, before in plain.items()}
    barriers = add_barriers(nodes, waits)
    for name, node in nodes.items():
        behind = {other for other in nodes if name in ancestors(other, plain)}
        checks = {other for other in nodes if nodes[other].checks and other != name}
        assert barriers.get(name, set()) == (checks - behind if node.writes else set())
        assert waits[name] == plain[name] | barriers.get(name, set())
        assert downstream(name, followers(plain)) == behind


@given(graphs(circles=False))
def test_a_step_stands_in_the_first_wave_it_can(nodes: dict[str, Node]) -> None:
    waits = edges(nodes)
    level = {name: number for number, wave in enumerate(waves(waits)) for name in wave}
    assert sorted(level) == sorted(nodes)
    assert all(level[name] == 1 + max((level[before] for before in waits[name]), default=-1) for name in waits)


def test_no_steps_have_no_waves() -> None:
    assert waves({}) == []


def test_long_chains_take_no_recursion_and_little_time() -> None:
    chain = {str(number): Node(str(number), frozenset({str(number + 1)}), writes=number % 2 == 0) for number in range(2000)}
    waits = edges(chain)
    assert cycle(waits) is None
    assert cycle(waits | {"1999": {"0"}}) is not None
    assert order(waits)[0] == "1999"
    assert len(waves(waits)) == 2000
    nodes = chain | {"check": Node("check", frozenset(), checks=True)}
    started = time.process_time()
    assert len(add_barriers(nodes, edges(nodes))) == 1000
    assert time.process_time() - started < 2  # a cubic walk takes minutes
