from __future__ import annotations

import pytest

from gateway.policies.fleet_ledger import FleetLedger, StoreAway
from gateway.policies.ledger import Ledger
from gateway.sdk.allowance import Charge, StoreFails
from tests.policies.limits_made import SharedStore, rate
from tests.policies.stopped_clock import StoppedClock


@pytest.fixture
def store() -> SharedStore:
    return SharedStore(StoppedClock())


def process(store: SharedStore) -> FleetLedger:
    clock = StoppedClock()
    return FleetLedger(Ledger(clock.monotonic, lambda: clock.now().timestamp()), store)  # type: ignore[arg-type]


def ada(store_fails: StoreFails = "local", name: str = "default") -> Charge:
    return Charge(("ada",), rate(name, store_fails=store_fails))


async def admitted(ledger: FleetLedger, times: int, *charges: Charge) -> int:
    found = [await ledger.spend(charges) for _ in range(times)]
    return len([each for each in found if each is None or each.allowed])


async def test_processes_share_one_allowance(store: SharedStore) -> None:
    one, other = process(store), process(store)
    assert (await admitted(one, 7, ada()), await admitted(other, 7, ada())) == (7, 3)


async def test_while_the_store_is_away_each_goes_on_with_what_it_admitted_itself(store: SharedStore) -> None:
    one, other = process(store), process(store)
    assert (await admitted(one, 7, ada()), await admitted(other, 2, ada())) == (7, 2)
    store.away = True
    assert (await admitted(one, 9, ada()), await admitted(other, 9, ada())) == (3, 8)
    store.away = False
    assert await admitted(one, 9, ada()) == 1


async def test_what_is_to_be_let_through_is_and_what_is_to_be_refused_is_not(store: SharedStore) -> None:
    store.away = True
    assert await admitted(process(store), 99, ada("allow")) == 99
    with pytest.raises(StoreAway) as told:
        await process(store).spend([ada("allow", "a"), ada("deny", "b"), ada("local", "c")])
    assert (told.value.allowance.name, told.value.code, told.value.retry_after) == ("b", "unavailable", 1.0)
    assert await admitted(process(store), 99, ada("allow", "a"), ada("local", "b")) == 10


async def test_what_is_owed_is_noted_here_and_there(store: SharedStore) -> None:
    one, other = process(store), process(store)
    await one.add([ada().costing(8.0)])
    assert await admitted(other, 9, ada()) == 2
    store.away = True
    assert await admitted(one, 9, ada()) == 2
    await one.add([ada().costing(-2.0)])
    assert await admitted(one, 9, ada()) == 2
