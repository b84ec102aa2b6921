"""The contract notices stores that don't keep it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.sdk.idempotency import Entry, Held
from gateway.testing.idempotency import Drawer, MemoryIdempotency, MemoryRows
from gateway.testing.idempotency_contract import IdempotencyStoreContract


class Overwriting(MemoryRows):
    def add(self, entry: Entry) -> Held | None:
        self._entries[entry.record] = entry
        return None


class Anybody(MemoryRows):
    def _owned(self, record: str, owner: str) -> Entry | None:
        del owner
        return self._entries.get(record)


class Everlasting(MemoryRows):
    def find(self, record: str, at: float) -> Held | None:
        del at
        return super().find(record, 0.0)


class Twice(MemoryRows):
    def take_over(self, record: str, owner: str, heir: str, lease_until: float) -> bool:
        del owner
        entry = self._entries[record]
        return super().take_over(record, entry.owner, heir, lease_until)


def store_of(kind: type[MemoryRows]) -> Any:
    class Store(MemoryIdempotency):
        @contextmanager
        def rows(self, *, writing: bool) -> Iterator[MemoryRows]:
            with super().rows(writing=writing) as rows:
                yield kind(rows._entries)

    drawer = Drawer()
    return lambda: Store(drawer)


@pytest.mark.parametrize(
    ("kind", "test"),
    [
        (Overwriting, lambda contract, make: contract.test_the_second_is_shown_the_first(make())),
        (Overwriting, lambda contract, make: contract.test_of_many_at_once_one_makes_it(make)),
        (Anybody, lambda contract, make: contract.test_only_its_owner_changes_it_and_the_end_is_final(make())),
        (Everlasting, lambda contract, make: contract.test_what_is_made_is_found_by_all_stores_until_it_need_not_be_kept(make)),
        (Twice, lambda contract, make: contract.test_it_is_taken_over_once(make())),
        (Twice, lambda contract, make: contract.test_of_many_at_once_one_takes_it_over(make)),
    ],
)
def test_it_notices(kind: type[MemoryRows], test: Any) -> None:
    with pytest.raises(AssertionError):
        test(IdempotencyStoreContract(), store_of(kind))
