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
