"""The store in memory keeps the contract, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.sdk.idempotency import IdempotencyStore
from gateway.sdk.records import RecordsUnavailable
from gateway.testing.idempotency import Drawer, MemoryIdempotency
from gateway.testing.idempotency_contract import FIRST, IdempotencyStoreContract


class TestMemory(IdempotencyStoreContract):
    @pytest.fixture
    def make(self) -> Callable[[], IdempotencyStore]:
        drawer = Drawer()
        return lambda: MemoryIdempotency(drawer)

    @pytest.fixture
    def gone(self) -> IdempotencyStore:
        drawer = Drawer()
        drawer.fault = "no disk"
        return MemoryIdempotency(drawer)


def test_a_commit_can_be_done_and_fail_all_the_same() -> None:
    drawer = Drawer()
    drawer.forgetful = True
    with pytest.raises(RecordsUnavailable, match="lost"), MemoryIdempotency(drawer).rows(writing=True) as rows:
        rows.add(FIRST)
    assert (list(drawer.entries), drawer.commits) == (["r1"], 1)
