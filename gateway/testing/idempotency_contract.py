"""What every store of idempotency records must do, whatever its kind. A kind's test subclasses the contract and gets these tests."""

# ruff: noqa: S101 -- tests assert

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import msgspec
import pytest

from gateway.sdk.idempotency import Entry, Held, IdempotencyStore
from gateway.sdk.records import RecordsUnavailable

Make = Callable[[], IdempotencyStore]

FIRST = Entry("r1", "f1", "v1", "o1", at=1000.0, lease_until=1020.0, kept_until=2000.0)
HELD = Held("f1", "v1", "started", "o1", 1020.0)


class IdempotencyStoreContract:
    """Subclasses have the fixtures `make`, which opens one more store on the same records, and `gone`, a store that can't be reached."""

    @pytest.fixture
    def store(self, make: Make) -> IdempotencyStore:
        return make()

    def test_what_is_made_is_found_by_all_stores_until_it_need_not_be_kept(self, make: Make) -> None:
        one, other = make(), make()
        assert not one.is_there()
        with one.rows(writing=True) as rows:
            assert rows.find("r1", 1000.0) is None
            assert rows.add(FIRST) is None
        assert one.is_there()
        assert other.is_there()
        with other.rows(writing=False) as rows:
            assert rows.find("r1", 1999.0) == HELD
            assert rows.find("r1", 2000.0) is None
            assert rows.find("r2", 1000.0) is None

    def test_the_second_is_shown_the_first(self, store: IdempotencyStore) -> None:
        second = msgspec.structs.replace(FIRST, fingerprint="f2", owner="o2")
        with store.rows(writing=True) as rows:
            assert (rows.add(FIRST), rows.add(second)) == (None, HELD)
            assert rows.add(msgspec.structs.replace(second, at=1999.9)) == HELD
            assert rows.add(msgspec.structs.replace(second, at=2000.0, kept_until=3000.0, state="finished", answer="a")) is None
            assert rows.find("r1", 2000.0) == Held("f2", "v1", "finished", "o2", 1020.0, "a")

    def test_only_its_owner_changes_it_and_the_end_is_final(self, store: IdempotencyStore) -> None:
        with store.rows(writing=True) as rows:
            rows.add(FIRST)
            assert [rows.give_up("r1", "o2"), rows.finish("r1", "o2", "x"), rows.remove("r1", "o2")] == [False] * 3
            assert rows.find("r1", 1000.0) == HELD
            assert rows.give_up("r1", "o1")
            assert rows.find("r1", 1000.0) == msgspec.structs.replace(HELD, state="unknown")
            assert rows.finish("r1", "o1", "answer")
            done = msgspec.structs.replace(HELD, state="finished", answer="answer")
            assert rows.find("r1", 1000.0) == done
            assert [rows.give_up("r1", "o1"), rows.remove("r1", "o1"), rows.take_over("r1", "o1", "o2", 1050.0)] == [False] * 3
            assert rows.find("r1", 1000.0) == done

    def test_it_is_taken_over_once(self, store: IdempotencyStore) -> None:
        with store.rows(writing=True) as rows:
            rows.add(FIRST)
            assert rows.take_over("r1", "o1", "o2", 1050.0)
            assert not rows.take_over("r1", "o1", "o3", 1050.0)
            assert [rows.finish("r1", "o1", "late"), rows.remove("r1", "o1")] == [False] * 2
            assert rows.find("r1", 1000.0) == Held("f1", "v1", "started", "o2", 1050.0)
            assert rows.remove("r1", "o2")
            assert rows.find("r1", 1000.0) is None

    def test_an_answer_need_not_be_kept(self, store: IdempotencyStore) -> None:
        with store.rows(writing=True) as rows:
            rows.add(FIRST)
            assert rows.finish("r1", "o1", None)
            assert rows.find("r1", 1000.0) == msgspec.structs.replace(HELD, state="finished")

    def test_old_ones_are_removed_a_part_at_a_time_the_oldest_first(self, store: IdempotencyStore) -> None:
        with store.rows(writing=True) as rows:
            for number in range(5):
                rows.add(msgspec.structs.replace(FIRST, record=f"r{number}", kept_until=2000.0 + number))
            assert rows.clean(2003.0, 3) == 3
            assert [number for number in range(5) if rows.find(f"r{number}", 0.0)] == [3, 4]
            assert (rows.clean(2003.0, 3), rows.clean(2003.0, 3)) == (1, 0)

    def test_a_transaction_is_done_or_not(self, make: Make) -> None:
        one, other = make(), make()
        with pytest.raises(ZeroDivisionError), one.rows(writing=True) as rows:
            _break_down(rows.add(FIRST))
        with other.rows(writing=True) as rows:
            assert rows.find("r1", 1000.0) is None

    def test_of_many_at_once_one_makes_it(self, make: Make) -> None:
        def add(number: int) -> bool:
            with closing(make()) as store, store.rows(writing=True) as rows:
                return rows.add(msgspec.structs.replace(FIRST, owner=f"o{number}")) is None

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(add, range(16))) == 1

    def test_of_many_at_once_one_takes_it_over(self, make: Make) -> None:
        def take_over(number: int) -> bool:
            with closing(make()) as store, store.rows(writing=True) as rows:
                return rows.take_over("r1", "o1", f"heir{number}", 1050.0)

        with closing(make()) as store, store.rows(writing=True) as rows:
            rows.add(FIRST)
        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(take_over, range(16))) == 1

    def test_it_can_be_away(self, gone: IdempotencyStore) -> None:
        with pytest.raises(RecordsUnavailable), gone.rows(writing=False):
            pass
        gone.close()
        gone.close()


def _break_down(_: object) -> None:
    raise ZeroDivisionError
