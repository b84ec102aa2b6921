"""The collector rests while a folder is loaded, and not a moment longer."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gateway.planner.collector import uncollected


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


def test_what_was_built_is_old() -> None:
    gc.enable()
    with uncollected():
        built = [[number] for number in range(1_000)]
    old = {id(each) for each in gc.get_objects(generation=2)}
    assert sum(id(each) in old for each in built) == len(built)


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
