"""Bytes are bounded, whatever is kept; the least recently used go first."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies.answer_memory import PLACE, AnswerMemory, footprint
from gateway.sdk.kept import Kept


def kept(content: Any = "x") -> Kept[Any]:
    return Kept(content, 0.0, 0.0, 10.0)


class Evictions:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def test_the_least_recently_used_make_room() -> None:
    evictions = Evictions()
    memory = AnswerMemory(32 * PLACE, evictions)
    for number in range(16):
        assert memory.put(number, kept(number), ("*",), PLACE)
    assert (len(memory), memory.size) == (16, 32 * PLACE)
    assert memory.get(0) is not None
    memory.put(16, kept(), ("*",), PLACE)
    assert memory.get(1) is None
    assert memory.get(0) is not None
    assert evictions.count == 1


def test_a_million_large_answers_never_take_more_than_there_is() -> None:
    evictions = Evictions()
    memory = AnswerMemory(64 << 20, evictions)
    for number in range(1000):
        memory.put(number, kept(), ("*",), 1_000_000)
        assert memory.size <= 64 << 20
    assert evictions.count == 1000 - len(memory) > 900


def test_what_is_too_large_is_not_kept_and_its_predecessor_goes() -> None:
    memory = AnswerMemory(80 * PLACE, Evictions())
    assert memory.put("key", kept("old"), (), 9 * PLACE)
    assert not memory.put("key", kept("new"), (), 9 * PLACE + 1)
    assert memory.get("key") is None
    assert (len(memory), memory.size) == (0, 0)
    assert not AnswerMemory(0, Evictions()).put("key", kept(), (), 0)


def test_one_takes_the_place_of_the_other() -> None:
    memory = AnswerMemory(100 * PLACE, Evictions())
    memory.put("key", kept("old"), (), 5 * PLACE)
    memory.put("key", kept("new"), (), 2 * PLACE)
    found = memory.get("key")
    assert found is not None
    assert (found.content, memory.size) == ("new", 3 * PLACE)
    memory.drop("key")
    memory.drop("key")
    assert (memory.get("key"), memory.size) == (None, 0)


def test_a_sweep_takes_turns_and_is_no_use_of_what_it_looks_at() -> None:
    memory = AnswerMemory(8 * 3 * PLACE, Evictions())
    for number in range(24):
        memory.put(number, kept(number), ("even" if number % 2 == 0 else "odd",), 0)
    sweep = memory.sweep(lambda held: "even" in held.labels and held.kept.content < 20, 10)
    assert next(sweep) == 5
    memory.drop(10)  # gone meanwhile
    assert list(sweep) == [4, 0]
    assert len(memory) == 24 - 10
    for number in range(100, 111):
        memory.put(number, kept(), (), 0)
    assert memory.get(1) is None  # still the least recently used
    assert memory.get(3) is not None
    assert next(held.kept.content for held in memory) != 1


def size_of(value: Any) -> int:
    if isinstance(value, dict):
        return sys.getsizeof(value) + sum(sys.getsizeof(name) + size_of(member) for name, member in value.items())
    if isinstance(value, list):
        return sys.getsizeof(value) + sum(map(size_of, value))
    return sys.getsizeof(value)


@pytest.mark.parametrize(
    "value",
    [
        [{"sku": f"A{number}", "quantity": number} for number in range(1000)],
        list(range(1000, 3000)),
        [str(number) for number in range(1000)],
        {f"key{number}": None for number in range(1000)},
        "x" * 10_000,
        [[] for _ in range(1000)],
        [{} for _ in range(1000)],
        {"a": {"b": {"c": [1.5, True, None]}}},
    ],
)
def test_the_footprint_is_near_what_a_value_takes(value: Any) -> None:
    encoded = msgspec.json.encode(value)
    taken = size_of(msgspec.json.decode(encoded))
    assert 0.7 * taken <= footprint(encoded) <= 4 * taken + 200


data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=10), inner, max_size=6),
    max_leaves=40,
)


@settings(max_examples=40)
@given(data)
def test_the_footprint_of_anything_is_no_less_than_half(value: Any) -> None:
    encoded = msgspec.json.encode(value)
    assert 2 * footprint(encoded) + 2 * PLACE >= size_of(msgspec.json.decode(encoded))


def test_shrinking_takes_what_was_not_used_for_longest() -> None:
    evicted: list[None] = []
    memory = AnswerMemory(1 << 20, lambda: evicted.append(None))
    for name in "abcd":
        memory.put(name, kept(), (), 10)
    memory.get("a")
    assert memory.shrink(2) == 2
    assert [memory.get(name) is not None for name in "abcd"] == [True, False, False, True]
    assert memory.shrink(10) == 2
    assert (len(memory), memory.size, len(evicted)) == (0, 0, 4)
