"""The store in memory keeps the contract that real ones keep, and fails as they do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.sdk import RecordStore, RecordsUnavailable
from gateway.testing.contracts import RecordStoreContract
from gateway.testing.records import MemoryRecords, Shelf


class TestMemory(RecordStoreContract):
    @pytest.fixture
    def make(self) -> Callable[[], RecordStore]:
        shelf = Shelf()
        return lambda: MemoryRecords(shelf)

    @pytest.fixture
    def gone(self) -> RecordStore:
        shelf = Shelf()
        shelf.fault = "gone"
        return MemoryRecords(shelf)


def test_a_forgetful_shelf_has_stored_what_it_denies() -> None:
    shelf = Shelf()
    store = MemoryRecords(shelf)
    shelf.forgetful = True
    with pytest.raises(RecordsUnavailable):
        store.append(["a"])
    assert store.append(["a"], unless_after=0).head.sequence == 1
    assert shelf.bodies == ["a"]
