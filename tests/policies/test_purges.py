"""Stamps of purges: which answers they cover, and that there are never too many of them."""

from __future__ import annotations

import pytest

from gateway.policies.purges import MOST_STAMPS, SKEW, Purges, covered, targets_of
from gateway.sdk.kept import EVERYTHING, Purge
from tests.policies.kept_calls import SharedState
from tests.virtual_time import VirtualClock, in_virtual_time

LABELS = (EVERYTHING, "source:erp", "tag:orders")


@pytest.mark.parametrize(
    ("purge", "tenant", "asked", "purged"),
    [
        (Purge(("tag:orders",)), "a", 99.0, True),
        (Purge(("tag:orders",)), "a", 100.0, True),
        (Purge(("tag:orders",)), "a", 100.1, False),
        (Purge(("tag:other", EVERYTHING)), "a", 99.0, True),
        (Purge(("tag:other",)), "a", 99.0, False),
        (Purge(("tag:orders",), "a"), "a", 99.0, True),
        (Purge(("tag:orders",), "b"), "a", 99.0, False),
        (Purge(("tag:orders",), "a"), "", 99.0, False),
        (Purge(("tag:orders",)), "", 99.0, True),
    ],
)
def test_what_a_purge_covers(purge: Purge, tenant: str, asked: float, purged: bool) -> None:
    purges = Purges(VirtualClock(), None)
    assert not purges.covers(LABELS, tenant, asked)
    purges.note(purge, 100.0)
    purges.note(purge, 50.0)
    assert purges.covers(LABELS, tenant, asked) is purged


def test_old_stamps_that_make_room_cover_everything_before_them() -> None:
    purges = Purges(VirtualClock(), None)
    for number in range(MOST_STAMPS + 10):
        purges.note(Purge((f"tag:{number}",)), float(number))
    assert purges.covers(("tag:never",), "", 9.0)
    assert not purges.covers(("tag:never",), "", 9.5)
    assert purges.covers((f"tag:{MOST_STAMPS}",), "", float(MOST_STAMPS))


def test_shared_stamps_count_a_little_longer_since_clocks_differ() -> None:
    async def run() -> None:
        state, clock = SharedState(), VirtualClock()
        await Purges(clock, state).share(Purge(("tag:orders",), "a"), 100.0)
        other = Purges(clock, state.of())
        assert await other.cover_shared(LABELS, "a", 100.0 + SKEW)
        assert not await other.cover_shared(LABELS, "a", 100.1 + SKEW)
        assert not await other.cover_shared(LABELS, "b", 90.0)
        assert not await Purges(clock, None).cover_shared(LABELS, "a", 90.0)

    in_virtual_time(run())


@pytest.mark.parametrize(
    "stamp", [b"", b"\xc1", b"\xa1x", b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"]
)
def test_a_stamp_that_cannot_be_read_covers_everything(stamp: bytes) -> None:
    async def run() -> None:
        state = SharedState()
        purges = Purges(VirtualClock(), state)
        await purges.share(Purge(("tag:orders",)), 100.0)
        state.values = {key: (stamp, until) for key, (_, until) in state.values.items()}
        assert await purges.cover_shared(LABELS, "", 1e9)

    in_virtual_time(run())


def test_a_stamp_is_looked_up_once_in_a_while() -> None:
    async def run() -> None:
        state = SharedState()
        purges = Purges(VirtualClock(), state)
        for _ in range(5):
            await purges.cover_shared(LABELS, "a", 1.0)
        assert state.gets == len(list(targets_of(LABELS, "a"))) == 6

    in_virtual_time(run())


def test_covered() -> None:
    assert covered({("tag:orders", None): 5.0}, LABELS, "", 5.0)
    assert not covered({}, LABELS, "", 5.0)
