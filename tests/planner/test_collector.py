"""The collector rests while a folder is loaded, and not a moment longer."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gateway.planner.collector import LARGE_HEAP, MANY, uncollected


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    was_enabled = gc.isenabled()
    yield
    (gc.enable if was_enabled else gc.disable)()


def test_rests_inside_and_works_on_afterwards() -> None:
    gc.enable()
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_works_on_after_an_error() -> None:
    gc.enable()
    with pytest.raises(RuntimeError), uncollected():
        raise RuntimeError
    assert gc.isenabled()


def test_stays_off_where_it_was_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_where_much_was_built_it_is_old() -> None:
    gc.enable()
    with uncollected():
        built = [[number] for number in range(MANY + 1_000)]
    old = {id(each) for each in gc.get_objects(generation=2)}
    assert sum(id(each) in old for each in built) == len(built)


def test_what_is_built_and_dropped_again_and_again_is_collected() -> None:
    gc.enable()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(300):
        with uncollected():
            for _ in range(1_000):
                circle: list[object] = []
                circle.append(circle)
        for _ in range(1_000):
            circle = []
            circle.append(circle)
    assert len(gc.get_objects()) < before + 300_000


def test_a_large_heap_is_gone_through_before_more_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[bool] = []
    monkeypatch.setattr("gateway.planner.collector.sys.getallocatedblocks", lambda: LARGE_HEAP + 1)
    monkeypatch.setattr("gateway.planner.collector.gc.collect", lambda: collected.append(True))
    gc.enable()
    with uncollected():
        pass
    assert collected == [True]


def test_what_is_frozen_stays_so() -> None:
    gc.enable()
    gc.freeze()
    try:
        before = gc.get_freeze_count()
        with uncollected():
            pass
        assert gc.get_freeze_count() >= before - 100
    finally:
        gc.unfreeze()
